import {mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {editorSchemas} from '../playbook/editor-schemas.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {Roles} from '../playbook/find-role.ts'
import type {Role} from '../role.ts'
import {projectOf} from './flags.ts'
import type {Io} from './io.ts'

export const schemaText = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`

/** Every role that the project can use. Throws InvalidInput. */
const rolesOf = async (project: string): Promise<readonly Role[]> => {
  const findings = new Findings()
  const roles = new Roles(project, findings)
  const playbooks = join(project, 'playbooks')
  const names = roles.names(playbooks).toSorted()
  const found = await Promise.all(names.map(name => roles.load(name, playbooks, undefined)))
  findings.throwIfAny()
  return found.flatMap(each => (each ? [each.role] : []))
}

/** Writes all schemas of a project into a directory; gives the names of the files. */
export const writeSchemas = async (project: string, directory: string): Promise<readonly string[]> => {
  mkdirSync(directory, {recursive: true})
  const schemas = editorSchemas(await rolesOf(project))
  for (const [name, schema] of schemas) writeFileSync(join(directory, `${name}.json`), schemaText(schema))
  return [...schemas.keys()].map(name => `${name}.json`)
}

/** `gatewright schema [NAME]`: prints one, or writes all. */
export const schema = async (name: string | undefined, flags: {readonly write?: string}, io: Io): Promise<number> => {
  const project = projectOf([], io.cwd)
  if (flags.write !== undefined) {
    const directory = resolve(io.cwd, flags.write)
    const files = await writeSchemas(project, directory)
    io.stdout.write(`${files.length} schemas written to ${flags.write}: ${files.join(', ')}\n`)
    return exitCodes.ok
  }
  const schemas = editorSchemas(await rolesOf(project))
  if (name === undefined) {
    io.stdout.write(`${[...schemas.keys()].join('\n')}\n`)
    return exitCodes.ok
  }
  const found = schemas.get(name) ?? schemas.get(`role-${name}`)
  if (!found) {
    const fix = suggest(name, schemas.keys())
    throw new InvalidInput([{rule: 'unknown-schema', what: `there is no schema '${name}'`, ...(fix && {fix})}])
  }
  io.stdout.write(schemaText(found))
  return exitCodes.ok
}
