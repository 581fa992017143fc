import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {acts} from '../../src/events.ts'
import type {PlanItem} from '../../src/executor/plan.ts'
import type {Resource} from '../../src/resources/resource.ts'
import type {FileCase} from '../support/file-cases.ts'
import {applyHere, planHere, resourcesOf} from '../support/file-run.ts'
import {prepare, treeOf} from '../support/file-tree.ts'

/*
 * Random tasks about a few paths, in random order, on random beginnings: what is planned for all of them from one look at
 * the host is what happens when each is planned and carried out after the other.
 */
const rounds = process.env['GATEWRIGHT_TEST_FULL'] === '1' ? 300 : 60
const asRoot = process.getuid?.() === 0 ? test : test.skip

type Random = {
  below(limit: number): number
  one<T>(all: readonly T[]): T
  maybe<T extends object>(value: T): T | object
}

/** mulberry32 */
const randomOf = (seed: number): Random => {
  let state = seed
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit)
  }
  return {
    below,
    one: all => all[below(all.length)] as never,
    maybe: value => (below(2) === 0 ? value : {}),
  }
}

const paths = ['a', 'b', 'd', 'd/x', 'd/e', 'd/e/y', 'l']
const beginnings: readonly ((random: Random) => string)[] = [
  random => `printf 'one\\ntwo\\n' >a; chmod ${random.one(['600', '644', '4755'])} a`,
  () => `printf 'b' >b; chown daemon:daemon b`,
  random => `mkdir -m ${random.one(['755', '700', '2775'])} d; chgrp daemon d`,
  () => 'mkdir -p d/e; echo two >d/x',
  () => 'mkdir -p d/e; printf "x\\n" >d/e/y; chmod 640 d/e/y',
  () => 'printf "d\n" >d',
  random => `ln -s ${random.one(['a', 'd', 'nothing', 'b'])} l`,
]

const call = (random: Random): FileCase['call'] => {
  const path = `@/${random.one(paths)}`
  const mode = random.maybe({mode: random.one(['0600', '0644', '0755', 'u+x', 'g-w,o=', 'a+rX'])})
  const own = {...mode, ...random.maybe({owner: random.one(['root', 'daemon', '2'])})}
  const text = random.one(['one', 'two', 'x'])
  return random.one<() => FileCase['call']>([
    () => ({copy: {dest: path, content: `${text}\n`, ...own, ...random.maybe({follow: true})}}),
    () => ({copy: {dest: path, content: `${text}\n`, force: false, ...own}}),
    () => ({copy: {dest: path, src: `@/${random.one(paths)}`, remote_src: true, ...own}}),
    () => ({lineinfile: {path, line: text, create: random.below(2) === 0, ...own}}),
    () => ({lineinfile: {path, regexp: `^${text[0]}`, line: text, insertbefore: 'BOF', create: true}}),
    () => ({lineinfile: {path, regexp: `^${text[0]}`, state: 'absent'}}),
    () => ({blockinfile: {path, block: text, create: true, marker: `# {mark} ${text}`, ...own}}),
    () => ({blockinfile: {path, block: random.one(['', text]), create: true, insertafter: '^one'}}),
    () => ({file: {path, state: 'directory', ...own, ...random.maybe({recurse: true, follow: false})}}),
    () => ({file: {path, ...own, ...random.maybe({follow: false})}}),
    () => ({file: {path, state: 'file', ...own}}),
    () => ({file: {path, state: 'touch', ...own}}),
    () => ({file: {path, state: 'touch', access_time: 'preserve', modification_time: 'preserve', ...own}}),
    () => ({file: {path, state: 'absent'}}),
    () => ({
      file: {
        path,
        src: `@/${random.one(['a', 'd', 'b', 'nothing'].filter(name => path !== `@/${name}`))}`,
        state: 'link',
        force: random.below(2) === 0,
      },
    }),
  ])()
}

type Told = {readonly verdict: string; readonly changes: unknown}
const told = ({verdict, changes}: PlanItem): Told => ({verdict, changes})

/** Plans one after the other, and carries it out; ends with the first that fails. */
const oneByOne = (resources: readonly Resource[]): Told[] => {
  const all: Told[] = []
  for (const resource of resources) {
    const [item] = planHere([resource])
    if (!item) break
    all.push(told(item))
    if (item.verdict === 'failed') break
    const problem = applyHere(item.realise)
    if (problem !== undefined) throw new Error(problem)
  }
  return all
}

type Happened = {readonly calls: readonly FileCase['call'][]; readonly told: readonly Told[]}

/** Random tasks, carried out as they are drawn; of those that fail only the last is kept. */
const draw = (random: Random, base: string): Happened => {
  const wanted = 3 + random.below(4)
  const [calls, all]: [FileCase['call'][], Told[]] = [[], []]
  while (calls.length < wanted) {
    const next = call(random)
    const resources = inside([next], base)
    const isDone = planHere(resources.slice(0, 1))[0]?.verdict !== 'failed'
    if (!isDone && calls.length < wanted - 1) continue
    calls.push(next)
    all.push(...oneByOne(resources))
    if (all.at(-1)?.verdict === 'failed') break
  }
  return {calls, told: all}
}

/** Carries out a plan as a run does: behind a barrier the rest is planned anew. */
const allAtOnce = (resources: readonly Resource[]): void => {
  const items = planHere(resources)
  const barrier = items.findIndex(item => item.barrier && acts(item))
  const until = barrier < 0 ? items.length : barrier + 1
  const problem = applyHere(items.slice(0, until).flatMap(({realise}) => realise))
  if (problem !== undefined) throw new Error(problem)
  if (until < items.length) allAtOnce(resources.slice(until))
}

const playground = (t: ExecutionContext, before: string): string => {
  const base = mkdtempSync(join(tmpdir(), 'gatewright-sequence-'))
  t.teardown(() => rmSync(base, {recursive: true, force: true}))
  prepare(base, before)
  return base
}

const inside = (calls: readonly FileCase['call'][], base: string): readonly Resource[] =>
  calls
    .flatMap(each => resourcesOf(JSON.parse(JSON.stringify(each).replaceAll('"@/', `"${base}/`))))
    .map((resource, index) => ({...resource, id: `${index} ${resource.id}`}))

for (let seed = 1; seed <= rounds; seed++)
  asRoot(`sequence ${seed}: what is planned at once is what happens one by one`, t => {
    const random = randomOf(seed)
    const before = beginnings
      .filter(() => random.below(2) === 0)
      .map(make => `(${make(random)}) 2>/dev/null || :`)
      .join('; ')
    const [one, other] = [playground(t, before), playground(t, before)]
    const {calls, told: happened} = draw(random, other)
    const planned = planHere(inside(calls, one))
    const shown = [before, ...calls.map(each => JSON.stringify(each))].join('\n')
    const strip = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(one, '@').replaceAll(other, '@'))
    const open = planned.findIndex(({verdict, reason}) => verdict === 'unknown' || reason === 'right with what follows')
    const certain = (all: readonly Told[]): unknown =>
      strip(all.slice(0, open < 0 ? happened.length : open).slice(0, happened.length))
    t.deepEqual(certain(planned.map(told)), certain(happened), shown)
    if ([...planned, ...happened].some(({verdict}) => verdict === 'failed')) return
    allAtOnce(inside(calls, one))
    t.deepEqual(treeOf(one), treeOf(other), shown)
    const again = planHere(inside(calls, one))
    const isRepeated = calls.some(({file}) => file && ['touch', 'absent', 'link'].includes(String(file['state'])))
    if (!isRepeated)
      t.deepEqual(
        again.filter(acts).map(({id}) => id),
        [],
        shown,
      )
  })
