import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import type {LoadOptions} from '../../src/playbook/model.ts'
import {keyringFrom} from '../../src/vault/passwords.ts'

const root = join(import.meta.dirname, '../fixtures/broken')

export type BrokenCase = {
  readonly name: string
  readonly directory: string
  readonly options: LoadOptions
  /** The same for the command line, after the name of the command. */
  readonly argv: readonly string[]
  /** What is expected, with paths relative to the case; empty when nobody has written it yet. */
  readonly expected: string
  /** Makes the paths of an output relative to the case. */
  readonly relativePaths: (output: string) => string
}

type CaseOptions = Partial<
  Pick<LoadOptions, 'inventories' | 'playbooks' | 'limit' | 'tags' | 'skipTags' | 'extraVars'>
> & {
  readonly vaultPasswordFile?: string
  /** A project of its own, with roles and a site playbook, instead of the one that all cases share. */
  readonly isProject?: boolean
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

const flag = (option: string, values: readonly string[] = []): string[] => values.flatMap(value => [option, value])

const brokenCase = (name: string): BrokenCase => {
  const directory = join(root, name)
  const given = JSON.parse(read(join(directory, 'options.json')) || '{}') as CaseOptions
  const {inventories = ['hosts.yml'], playbooks = ['playbook.yml'], vaultPasswordFile, isProject, ...rest} = given
  const here = (path: string): string => join(directory, path)
  return {
    name,
    directory,
    options: {
      inventories: inventories.map(here),
      playbooks: playbooks.map(here),
      projectDirectory: isProject ? directory : root,
      ...rest,
      ...(vaultPasswordFile !== undefined && {
        keys: keyringFrom([{label: 'default', from: {path: here(vaultPasswordFile)}}]),
      }),
    },
    argv: [
      ...playbooks.map(here),
      ...flag('-i', inventories.map(here)),
      ...flag('--limit', rest.limit === undefined ? [] : [rest.limit]),
      ...flag('--tags', rest.tags),
      ...flag('--skip-tags', rest.skipTags),
      ...flag('-e', rest.extraVars),
      ...flag('--vault-password-file', vaultPasswordFile === undefined ? [] : [here(vaultPasswordFile)]),
    ],
    expected: read(here('expected.txt')),
    relativePaths: output =>
      [directory, join(root, '../../..')]
        .flatMap(path => [`${path}/`, ...(relative(process.cwd(), path) ? [`${relative(process.cwd(), path)}/`] : [])])
        .reduce((text, path) => text.replaceAll(path, ''), output),
  }
}

/** Small sites that are wrong, each with the output that an operator gets: `test/fixtures/broken/<case>/expected.txt`. */
export const brokenCases = (): readonly BrokenCase[] =>
  readdirSync(root)
    .filter(name => existsSync(join(root, name, 'playbook.yml')))
    .toSorted()
    .map(brokenCase)
