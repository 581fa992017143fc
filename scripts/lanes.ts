import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {root} from './node-bin.ts'

/** A checkout whose lab has a name and ports of its own, so that test files can run beside those of another one. */
export type Lane = {readonly directory: string; readonly remove: () => void}

export const firstLane: Lane = {directory: root, remove: () => undefined}

/** Their topologies have names and ports of their own, or they look at the whole machine: one of them at a time. */
const onlyInTheFirst =
  /\/(?:ansible-\w+|checkers|fifty-hosts|file-oracle|lab|modules|package|second-topology)\.test\.ts$/

/** What a test run makes or fetches by itself; two of them are shared by links. */
const shared = ['node_modules', '.node']
const left = [...shared, '.git', '.lab', '.vagrant', 'reports', 'dist']

/** A copy of this checkout, its lab's ports 200 higher: 2411 and the following, which no topology of the tests has. */
export const secondLane = (): Lane => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-lane-'))
  cpSync(root, directory, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: path => !left.includes(relative(root, path)),
  })
  for (const name of shared) symlinkSync(join(root, name), join(directory, name))
  edit(join(directory, 'lab/topology.yml'), /^name: lab$/m, 'name: lab2')
  edit(join(directory, 'lab/topology.yml'), /\bssh: 22(?=\d\d$)/gm, 'ssh: 24')
  edit(join(directory, 'inventory/lab/hosts.yml'), /\bansible_port: 22(?=\d\d\})/g, 'ansible_port: 24')
  return {directory, remove: () => rmSync(directory, {recursive: true})}
}

const edit = (file: string, from: RegExp, to: string): void => {
  const text = readFileSync(file, 'utf8')
  const edited = text.replace(from, to)
  if (edited === text) throw new Error(`${file} has nothing like ${from}`)
  writeFileSync(file, edited)
}

/** Gives the first lane what only it may run, first of all, and every lane the next of the others when it is free. */
export const runInLanes = async (
  lanes: readonly Lane[],
  files: readonly string[],
  run: (file: string, lane: Lane) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const pinned = files.filter(file => onlyInTheFirst.test(file))
  const others = files.filter(file => !pinned.includes(file))
  const work = async (lane: Lane, isFirst: boolean): Promise<void> => {
    while (!signal.aborted) {
      const file = (isFirst ? pinned.shift() : undefined) ?? others.shift()
      if (file === undefined) return
      await run(file, lane)
    }
  }
  await Promise.all(lanes.map((lane, index) => work(lane, index === 0)))
}
