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

test('the second lane has a lab with a name and ports of its own, and leaves nothing behind', t => {
  const lane = secondLane()
  const labOf = ({directory}: Lane) => loadTopology(join(directory, 'lab/topology.yml'))
  const ports = (each: Lane) => Object.values(labOf(each).hosts).map(({ssh}) => ssh)
  t.not(labOf(lane).name, labOf(firstLane).name)
  t.deepEqual(
    ports(lane).filter(port => ports(firstLane).includes(port)),
    [],
  )
  t.true(existsSync(join(lane.directory, 'node_modules/ava')))
  lane.remove()
  t.false(existsSync(lane.directory))
  t.true(existsSync(join(firstLane.directory, 'node_modules/ava')))
})
