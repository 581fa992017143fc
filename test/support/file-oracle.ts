import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ansible} from './ansible.ts'
import type {FileCase} from './file-cases.ts'
import {prepare, treeOf} from './file-tree.ts'

/** What became of a case: in check mode, in apply mode, and the second time; and what is there afterwards. */
export type Outcome = 'ok' | 'changed' | 'failed'
export type FileResult = {
  readonly check: Outcome
  readonly apply: Outcome
  readonly again: Outcome
  readonly tree: readonly string[]
}

const fixture = join(import.meta.dirname, '../fixtures/file-modules.json')

export const recorded = (): Record<string, FileResult> => JSON.parse(readFileSync(fixture, 'utf8'))
export const record = (results: Readonly<Record<string, FileResult>>): void =>
  writeFileSync(fixture, `${JSON.stringify(results, undefined, 1)}\n`)

/** The call with the directory in which it happens. */
export const callIn = ({call}: FileCase, base: string): FileCase['call'] =>
  JSON.parse(JSON.stringify(call).replaceAll('"@/', `"${base}/`))

/** Asks Debian's ansible about all cases. */
export const askAnsible = async (cases: readonly FileCase[]): Promise<Record<string, FileResult>> => {
  const root = mkdtempSync(join(tmpdir(), 'gatewright-oracle-'))
  try {
    const bases = cases.map((_, index) => join(root, `case${index}`))
    bases.forEach((base, index) => {
      mkdirSync(base)
      prepare(base, cases[index]?.before ?? '')
    })
    const tasks = cases.map((one, index) => ({...callIn(one, bases[index] ?? ''), ignore_errors: true}))
    const play = [{hosts: 'localhost', connection: 'local', gather_facts: false, tasks}]
    writeFileSync(join(root, 'play.yml'), JSON.stringify(play))
    const check = await outcomes(root, ['--check'])
    const apply = await outcomes(root, [])
    const trees = bases.map(treeOf)
    const again = await outcomes(root, [])
    return Object.fromEntries(
      cases.map(({name}, index) => [
        name,
        {
          check: check[index] ?? 'failed',
          apply: apply[index] ?? 'failed',
          again: again[index] ?? 'failed',
          tree: trees[index] ?? [],
        },
      ]),
    )
  } finally {
    rmSync(root, {recursive: true, force: true})
  }
}

type Result = {readonly changed?: boolean; readonly failed?: boolean}

const outcomes = async (root: string, flags: readonly string[]): Promise<Outcome[]> => {
  const env = {ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_PIPELINING: 'True', ANSIBLE_LOCALHOST_WARNING: 'False'}
  const {stdout, stderr} = await ansible(root, ['ansible-playbook', '-i', 'localhost,', 'play.yml', ...flags], {env})
  const start = stdout.indexOf('{\n')
  if (start < 0) throw new Error(stdout + stderr)
  const {plays} = JSON.parse(stdout.slice(start)) as {plays: {tasks: {hosts: Record<string, Result>}[]}[]}
  return (plays[0]?.tasks ?? []).map(({hosts}) => {
    const {changed, failed} = hosts['localhost'] ?? {}
    return failed ? 'failed' : changed ? 'changed' : 'ok'
  })
}
