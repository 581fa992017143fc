import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {InvalidInput} from '../../src/diagnostic.ts'
import {load} from '../../src/playbook/load.ts'
import type {Entry, Fleet, Known, LoadOptions, Registered, Round} from '../../src/playbook/model.ts'

const hosts = `
all:
  vars: {site: frankfurt}
  children:
    gateways:
      hosts:
        gw1: {ansible_host: 192.0.2.1, number: 1}
        gw2: {ansible_host: 192.0.2.2, number: 2}
    others:
      hosts:
        mon: {ansible_host: 192.0.2.3, ansible_become: true, ansible_become_user: watch}
`

/** Loads a playbook that is written in a test, for the hosts gw1, gw2 and mon; `files` lie beside it. */
export const loadText = async (
  playbook: string,
  files: Readonly<Record<string, string>> = {},
  options: Partial<LoadOptions> = {},
): Promise<Fleet> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-language-'))
  try {
    for (const [name, text] of Object.entries({'playbook.yml': playbook, 'hosts.yml': hosts, ...files})) {
      mkdirSync(dirname(join(directory, name)), {recursive: true})
      writeFileSync(join(directory, name), text)
    }
    return await load({
      playbooks: [join(directory, 'playbook.yml')],
      inventories: [join(directory, 'hosts.yml')],
      projectDirectory: directory,
      ...options,
    })
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new Error(error.message.replaceAll(`${directory}/`, ''), {cause: error})
  } finally {
    rmSync(directory, {recursive: true})
  }
}

/** Tasks of one play over both gateways. */
export const loadTasks = (tasks: string, more = ''): Promise<Fleet> =>
  loadText(`- hosts: gateways\n${indent(more, 2)}  tasks:\n${indent(tasks, 4)}`)

const indent = (text: string, by: number): string =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => `${' '.repeat(by)}${line}\n`)
    .join('')

export const knowing = (
  registered: Readonly<Record<string, Partial<Registered>>> = {},
  facts: Readonly<Record<string, unknown>> = {},
): Known => ({
  facts,
  registered: new Map(
    Object.entries(registered).map(([name, result]) => [name, {changed: false, failed: false, ...result}]),
  ),
})

export const entryOf = (fleet: Fleet, index: number, play = 0): Entry => {
  const entry = fleet.plays[play]?.entries[index]
  if (!entry) throw new Error(`there is no entry ${index}`)
  return entry
}

export const roundsOf = (fleet: Fleet, index: number, known = knowing(), host = 'gw1'): readonly Round[] => {
  const entry = entryOf(fleet, index)
  if (entry.entry !== 'rounds') throw new Error(`entry ${index} is ${entry.entry}`)
  return entry.rounds(host, known)
}

/** What the rounds of a task come to, in a few words. */
export const shownRounds = (rounds: readonly Round[]): readonly unknown[] =>
  rounds.map(round => {
    if (round.does === 'nothing') return 'nothing'
    if (round.does === 'say') return round.failed ? `failed: ${round.message}` : round.message
    return round.resources.map(({id}) => (round.on === undefined ? id : `${id} on ${round.on}`)).join(', ')
  })
