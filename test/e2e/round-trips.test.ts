// A converged host costs two requests after login: counted as turnarounds of the conversation on the wire, through a
// proxy that stands for a distance of 30 ms.
import test from 'ava'
import type {Topology} from '../../lab/index.ts'
import {type Mode, type NewEvent, noCounts} from '../../src/events.ts'
import {load} from '../../src/playbook/load.ts'
import type {LoadOptions} from '../../src/playbook/model.ts'
import {runFleet} from '../../src/playbook/run.ts'
import {connectSsh} from '../../src/transport/ssh.ts'
import {type DelayProxy, delayProxy} from '../support/delay-proxy.ts'
import {labUp, onHost} from '../support/site.ts'
import {temporarySite} from '../support/temporary-site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const oneWayMs = 15

/** Runs a playbook in this process; counts the turnarounds from the end of login to the last answer before the goodbye. */
const costOf = async (
  mode: Mode,
  options: LoadOptions,
  proxy: DelayProxy,
): Promise<{turnarounds: number; events: NewEvent[]}> => {
  const fleet = await load(options)
  const events: NewEvent[] = []
  let [atLogin, atEnd] = [0, 0]
  const exitCode = await runFleet({
    fleet,
    mode,
    forks: 1,
    command: 'test',
    signal: new AbortController().signal,
    // Opening the become shell is part of login, and it is open when its hello has come.
    async connect(target) {
      const session = await connectSsh(target)
      const become = fleet.plays[0]?.become(target.host)
      await session.shell({readOnly: mode === 'check', ...(become !== undefined && {become})}).hello()
      atLogin = proxy.turnarounds()
      return session
    },
    emit(event) {
      events.push(event)
      if (event.event === 'host-end') atEnd = proxy.turnarounds()
    },
  })
  if (exitCode !== 0) throw new Error(JSON.stringify(events.at(-1)))
  return {turnarounds: atEnd - atLogin, events}
}

const resources = (count: number, home: string): string =>
  Array.from(
    {length: count},
    (_, index) =>
      `    - file: {path: ${home}/f${index}, content: "number ${index}\\n", owner: operator, group: operator}`,
  ).join('\n')

for (const become of [true, false])
  for (const count of [10, 200])
    test.serial(`${count} resources ${become ? 'as root' : 'as the login user'}: login and two requests`, async t => {
      const directory = `/home/operator/round-trips-${count}`
      await onHost(
        lab,
        'gw2',
        `getent group operator >/dev/null || groupadd operator; mkdir -p ${directory}; chown operator:operator ${directory}`,
      )
      const target = lab.hosts.gw2?.ssh ?? 0
      const proxy = await delayProxy(target, oneWayMs)
      const site = await temporarySite('gw2', proxy.port)
      const playbook = await site.playbook(
        `- name: Files\n  hosts: gw2\n  become: ${become}\n  tasks:\n${resources(count, directory)}\n`,
      )
      const options = {playbooks: [playbook], inventories: [site.inventory], projectDirectory: site.directory}
      await costOf('apply', options, proxy)
      for (const mode of ['check', 'apply'] as const) {
        const {turnarounds, events} = await costOf(mode, options, proxy)
        const [summary] = events.filter(event => event.event === 'summary')
        t.deepEqual(summary?.hosts[0]?.counts, {...noCounts(), ok: count})
        t.is(turnarounds, 2, `${mode}: facts (and the lock) are one request, probes the other`)
      }
      await proxy.close()
      await site.remove()
    })
