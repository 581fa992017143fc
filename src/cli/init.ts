import {cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join, relative, resolve} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import type {Io} from './io.ts'
import {writeSchemas} from './schema.ts'

const skeleton = resolve(import.meta.dirname, '../../skeleton')
/** The same for every site: scenarios, controls and tasks of roles and cables that it does not have are left out by themselves. */
export const shipped = ['audit', 'certificates', 'diagnose', 'drill', 'maintenance', 'upgrade'].map(name =>
  join('playbooks', `${name}.yml`),
)

/** `gatewright init DIR`: a site that is complete but for the addresses. Nothing that exists is touched. */
export const init = async (given: string, io: Io): Promise<number> => {
  const directory = resolve(io.cwd, given)
  refuseWhatExists(directory, given)
  cpSync(skeleton, directory, {recursive: true})
  for (const name of shipped) {
    const text = readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8')
    writeFileSync(join(directory, name), text.replace('$schema=../schemas/', '$schema=../.schemas/'))
  }
  await writeSchemas(directory, join(directory, '.schemas'))
  const files = readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => relative(directory, join(entry.parentPath, entry.name)))
    .filter(file => !file.startsWith('.'))
    .toSorted()
  io.stdout.write(`${given} is a site now:\n${files.map(file => `  ${file}\n`).join('')}
Next:
  cd ${given}
  say where the gateways are, in inventory/hosts.yml and inventory/host_vars/
  gatewright lint
  gatewright check playbooks/site.yml --diff
`)
  return exitCodes.ok
}

const refuseWhatExists = (directory: string, given: string): void => {
  if (!existsSync(directory)) return
  const isDirectory = statSync(directory).isDirectory()
  const there = isDirectory ? readdirSync(directory).filter(name => existsSync(join(skeleton, name))) : []
  if (isDirectory && there.length === 0) return
  throw new InvalidInput([
    {
      rule: 'init-exists',
      what: isDirectory ? `${given} has ${there.join(', ')} already` : `${given} is a file`,
      why: 'nothing that exists is overwritten',
      fix: 'name another directory',
    },
  ])
}
