import {existsSync, globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {loadTopology} from '../../lab/index.ts'
import {firstLane, type Lane, runInLanes, secondLane} from '../../scripts/lanes.ts'

test('each file is run once, and what needs the whole machine in the first lane', async t => {
  const files = ['bgp', 'lab', 'modules', 'mwan', 'site', 'vrrp'].map(name => `test/e2e/${name}.test.ts`)
  const other: Lane = {directory: '/other', remove: () => undefined}
  const ran: [string, Lane][] = []
  await runInLanes(
    [firstLane, other],
    files,
    async (file, lane) => {
      ran.push([file, lane])
      await new Promise(setImmediate)
    },
    new AbortController().signal,
  )
  t.deepEqual(ran.map(([file]) => file).toSorted(), files)
  t.true(ran.every(([file, lane]) => lane === firstLane || !/lab|modules/.test(file)))
  t.true(ran.some(([, lane]) => lane === other))
})

const tens = (port: unknown): number => Math.floor(Number(port) / 10)

test('the second lane has a lab with a name and ports of its own, and leaves nothing behind', t => {
  const lane = secondLane()
  const labOf = ({directory}: Lane) => loadTopology(join(directory, 'lab/topology.yml'))
  const ports = (each: Lane) => Object.values(labOf(each).hosts).map(({ssh}) => ssh)
  t.not(labOf(lane).name, labOf(firstLane).name)
  // Of `ssh: 2211` in a topology, and of `standardTopologyAs('lab-test', 2311)`, which counts from there.
  const port = /\bssh: (\d{4})\b|standardTopologyAs\('\S+', (\d{4})/g
  const written = globSync('{lab/*.yml,test/fixtures/**/*.yml,test/e2e/*.ts}', {cwd: firstLane.directory}).flatMap(
    file =>
      [...readFileSync(join(firstLane.directory, file), 'utf8').matchAll(port)].map(([, one, first]) =>
        tens(one ?? first),
      ),
  )
  t.true(written.length > 20)
  t.deepEqual(
    ports(lane).filter(each => written.includes(tens(each))),
    [],
  )
  t.true(existsSync(join(lane.directory, 'node_modules/ava')))
  lane.remove()
  t.false(existsSync(lane.directory))
  t.true(existsSync(join(firstLane.directory, 'node_modules/ava')))
})
