// A converged host costs two requests after login: counted as turnarounds of the conversation on the wire, through a
// proxy that stands for a distance of 30 ms.
import test from 'ava'
import type {Topology} from '../../lab/index.ts'
import {connectSsh} from '../../src/transport/ssh.ts'
import {hostsFleet} from '../../src/playbook/load.ts'
import {delayProxy} from '../support/delay-proxy.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {labUp, onHost} from '../support/site.ts'
import {temporarySite} from '../support/temporary-site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const oneWayMs = 15

/** Turnarounds of a connection that logs in, opens its shell (as `become`) and asks one empty question. */
const loginAndOneRequest = async (port: number, become: string | undefined): Promise<number> => {
  const proxy = await delayProxy(port, oneWayMs)
  const site = await temporarySite('gw2', proxy.port)
  const fleet = await hostsFleet({playbooks: [], inventories: [site.inventory], projectDirectory: root}, 'gw2')
  const target = fleet.hosts.get('gw2')?.target
  if (!target) throw new Error('no gw2')
  const session = await connectSsh(target)
  await session.shell({readOnly: true, ...(become !== undefined && {become})}).request([{id: 'q', script: ':'}])
  const turnarounds = proxy.turnarounds()
  await session.close()
  await proxy.close()
  await site.remove()
  return turnarounds
}

const resources = (count: number, home: string): string =>
  Array.from({length: count}, (_, index) => `    - file: {path: ${home}/f${index}, content: "number ${index}\\n", owner: operator, group: operator}`).join('\n')

for (const become of [true, false])
  for (const count of [10, 200])
    test.serial(`${count} resources ${become ? 'as root' : 'as the login user'}: login and two requests`, async t => {
      const directory = `/home/operator/round-trips-${count}`
      await onHost(lab, 'gw2', `getent group operator >/dev/null || groupadd operator; mkdir -p ${directory}; chown operator:operator ${directory}`)
      const target = lab.hosts.gw2?.ssh ?? 0
      const proxy = await delayProxy(target, oneWayMs)
      const site = await temporarySite('gw2', proxy.port)
      const playbook = await site.playbook(`- name: Files\n  hosts: gw2\n  become: ${become}\n  tasks:\n${resources(count, directory)}\n`)
      const run = (command: string) => gatewright(command, playbook, '-i', site.inventory, '--json')
      const first = await run('play')
      t.is(first.code, 0, first.stderr + JSON.stringify(eventsOf(first.events, 'host-failed')))
      const cost = async (command: string): Promise<number> => {
        const before = proxy.turnarounds()
        const finished = await run(command)
        t.is(finished.code, 0, finished.stderr)
        t.is(eventsOf(finished.events, 'planned')[0]?.items.length, count)
        return proxy.turnarounds() - before
      }
      const one = await loginAndOneRequest(target, become ? 'root' : undefined)
      const [checked, applied] = [await cost('check'), await cost('play')]
      t.log(`login and one request: ${one}, check: ${checked}, apply: ${applied} turnarounds`)
      t.is(checked - one, 1, 'check: one more than login with one request')
      t.is(applied - one, 1, 'apply: the lock rides in the facts request')
      await proxy.close()
      await site.remove()
    })
