// Who watches a pair with every role and two tunnels sees each fault, through to Alertmanager's API, and its end.
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {startConcentrator} from '../support/concentrator.ts'
import {type DualTunnelSite, dualTunnelSite} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, root, start} from '../support/gatewright.ts'
import {labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'

const project = join(root, 'test/fixtures/monitoring')
const playbook = join(project, 'playbooks/site.yml')
const gateways = ['gw1', 'gw2'] as const
const settings = {
  monitoring_servers: ['upstream'],
  monitoring_interval: 2,
}

let lab: Topology
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)
const withSite = (...args: string[]): Promise<Finished> => {
  const inventories = site.inventories.flatMap(each => ['-i', each])
  const vault = ['--vault-password-file', site.pki.passwordFile]
  return start([...args, ...inventories, ...vault, '--json', '-e', JSON.stringify(settings)], undefined, project)
    .finished
}
const play = () => withSite('play', playbook)

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
  await startConcentrator(lab, site.pki)
})
test.after.always(async () => {
  for (const each of undo) await each()
})

test.serial('one run converges on gateways and monitor, and a second one changes nothing', async t => {
  t.timeout(900_000)
  const started = performance.now()
  const first = await play()
  const failed = eventsOf(first.events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
  t.is(first.code, 0, [first.stderr, ...failed].join('\n'))
  t.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary').flatMap(({hosts}) =>
      hosts.map(({host, status, counts}) => [host, status, counts.changed]),
    ),
    [...gateways, 'upstream'].map(host => [host, 'ok', 0]),
    second.stderr,
  )
})
