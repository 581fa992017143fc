import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {type Diagnostic, formatDiagnostic, InvalidInput} from '../diagnostic.ts'
import {advise} from '../playbook/advice.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {load} from '../playbook/load.ts'
import {redactor} from '../reporters/redact.ts'
import {registeredSecrets} from '../shell/secret.ts'
import {type InventoryFlags, loadOptions, projectOf} from './flags.ts'
import type {Io} from './io.ts'

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** The playbooks of a project: those of its `playbooks/`, else those that lie in it. */
const playbooksOf = (project: string): readonly string[] => {
  const folder = existsSync(join(project, 'playbooks')) ? join(project, 'playbooks') : project
  return readdirSync(folder)
    .filter(name => /\.ya?ml$/.test(name))
    .toSorted()
    .map(name => join(folder, name))
}

/** `gatewright lint [PLAYBOOK…]`: all that can be said of a project without connecting, and advice. */
export const lint = async (given: readonly string[], flags: InventoryFlags, io: Io): Promise<number> => {
  const playbooks = given.length > 0 ? given : playbooksOf(projectOf([], io.cwd))
  if (playbooks.length === 0)
    throw new InvalidInput([
      {rule: 'no-playbook', what: 'there is no playbook here', fix: 'name one, or run gatewright init'},
    ])
  const problems = new Map<string, Diagnostic>()
  const advice = new Map<string, Diagnostic>()
  let hosts = 0
  for (const playbook of playbooks) {
    try {
      const fleet = await load(loadOptions([playbook], flags, io))
      hosts = Math.max(hosts, fleet.hosts.size)
      for (const each of advise(fleet)) advice.set(formatDiagnostic(each), each)
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      for (const each of error.diagnostics) problems.set(formatDiagnostic(each), each)
    }
  }
  const redact = redactor(registeredSecrets())
  if (flags.json)
    io.stdout.write(
      `${JSON.stringify(redact({problems: [...problems.values()], advice: [...advice.values()]}), null, 2)}\n`,
    )
  else {
    for (const line of problems.keys()) io.stderr.write(`${redact(line)}\n`)
    for (const line of advice.keys()) io.stdout.write(`advice: ${redact(line)}\n`)
    const read = `${count(playbooks.length, 'playbook')}${problems.size === 0 ? ` for ${count(hosts, 'host')}` : ''}`
    io.stdout.write(`${read}: ${count(problems.size, 'problem')}, ${advice.size} of advice; nothing was connected\n`)
  }
  return problems.size > 0 ? exitCodes.invalidInput : exitCodes.ok
}
