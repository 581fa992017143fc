import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {ask, fileOption, LabError} from './client.ts'
import {labExec} from './exec.ts'
import {inotifyShortage} from './inotify.ts'
import {consoleFile} from './names.ts'
import {hostOf, type Topology} from './topology.ts'

const readyTimeoutMs = 60_000
const bannerTimeoutMs = 3000

/**
 * Resolves when the host's sshd answers through its forwarded port, over the host's mgmt link.
 * @throws LabError after `timeoutMs`
 */
export async function waitForSsh(topology: Topology, host: string, timeoutMs = readyTimeoutMs): Promise<void> {
  const {ssh} = hostOf(topology, host)
  const deadline = Date.now() + timeoutMs
  while (!(await answersSsh(ssh))) {
    if (Date.now() > deadline)
      throw new LabError(
        `${host} does not answer on 127.0.0.1:${ssh} after ${timeoutMs / 1000} s; its console: ${consoleFile(topology, host)}${inotifyShortage()}`,
      )
    await sleep(50)
  }
}

/**
 * Resolves when the host answers over SSH and has finished booting.
 * @returns a note for the operator, empty when every unit is well
 * @throws LabError when it takes longer than a minute
 */
export async function waitUntilReady(topology: Topology, host: string): Promise<string> {
  await refuseUnreachable(topology, host)
  await waitForSsh(topology, host)
  const {stdout} = await labExec(topology, host, ['systemctl', 'is-system-running', '--wait'], {
    timeoutMs: readyTimeoutMs,
  })
  const state = stdout.trim()
  if (state === 'running') return ''
  const failed = await labExec(topology, host, ['systemctl', '--failed', '--plain', '--no-legend'])
  const units = failed.stdout
    .split('\n')
    .map(line => line.split(' ')[0])
    .filter(Boolean)
  if (state === 'degraded') return `, degraded: ${units.join(', ')} failed`
  throw new LabError(`${host} is ${state}, not running; its console: ${consoleFile(topology, host)}`)
}

/** Says at once what waiting for a minute would not change. */
async function refuseUnreachable(topology: Topology, host: string): Promise<void> {
  const status = (await ask(topology, {op: 'status'})).hosts[host]
  const option = fileOption(topology)
  if (status?.state === 'frozen') throw new LabError(`${host} is frozen; first: gatewright lab thaw ${host}${option}`)
  const link =
    Object.entries(hostOf(topology, host).links).find(([, {segment}]) => segment === topology.control.link)?.[0] ?? ''
  if (status?.links[link]?.cut)
    throw new LabError(
      `the link ${link} of ${host} is cut, so nobody can log in; first: gatewright lab heal ${host} ${link}${option}`,
    )
}

function answersSsh(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({host: '127.0.0.1', port})
    const done = (answer: boolean) => {
      resolve(answer)
      socket.destroy()
    }
    socket.setTimeout(bannerTimeoutMs, () => done(false))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
    socket.on('data', data => done(data.toString('latin1').startsWith('SSH-2.0-')))
  })
}
