import {spawn} from 'node:child_process'
import {appendFileSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {must, run} from '../../lab/run.ts'
import {inNamespace} from './inside.ts'
import {libvirtSocket, logDirectory, namespace, stateDirectory} from './places.ts'

/** `ip netns exec` mounts what is in here over /etc: the machine's own configuration of libvirt stays as it is. */
const namespaceEtc = `/etc/netns/${namespace}`
const endTimeoutMs = 20_000

/** QEMU runs as root, without what a machine that is not run by systemd may lack (qemu.conf of libvirt 9.0 explains each). */
const qemuConf = `
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = [ ]
cgroup_controllers = [ ]
stdio_handler = "file"
`
/** One translator thread for each processor of a guest; 256 MiB of translated code instead of the default 1 GiB. */
const emulator = `#!/bin/bash
exec /usr/bin/qemu-system-x86_64 "\${@/#tcg/tcg,thread=multi,tb-size=256}"
`

/** Makes the namespace and starts libvirt in it. Its bridges, taps and rules of iptables exist there alone. */
export async function startLibvirt(): Promise<void> {
  if (await isAnswering())
    throw new Error(
      `a libvirt daemon answers on ${libvirtSocket}; stop it first (systemctl stop libvirtd.socket libvirtd)`,
    )
  mkdirSync(join(stateDirectory, 'pool'), {recursive: true})
  mkdirSync(logDirectory, {recursive: true})
  mkdirSync('/run/libvirt', {recursive: true})
  writeFileSync(join(stateDirectory, 'qemu-tcg'), emulator, {mode: 0o755})
  mkdirSync(namespaceEtc, {recursive: true})
  cpSync('/etc/libvirt', join(namespaceEtc, 'libvirt'), {recursive: true})
  appendFileSync(join(namespaceEtc, 'libvirt/qemu.conf'), qemuConf)
  await must(['ip', 'netns', 'add', namespace])
  await must(inNamespace(['ip', 'link', 'set', 'lo', 'up']))
  for (const daemon of ['virtlogd', 'libvirtd']) {
    const log = openSync(join(logDirectory, `${daemon}.log`), 'w')
    const [program = '', ...args] = inNamespace([daemon, '-p', join(stateDirectory, `${daemon}.pid`)])
    spawn(program, args, {stdio: ['ignore', log, log], detached: true}).unref()
  }
  const deadline = Date.now() + endTimeoutMs
  while (!(await isAnswering())) {
    if (Date.now() > deadline) throw new Error(`libvirtd does not answer; see ${logDirectory}/libvirtd.log`)
    await sleep(200)
  }
  // Its first answer waits until it knows what QEMU can do.
  await must(inNamespace(['virsh', '--connect', 'qemu:///system', 'list']), {timeoutMs: 120_000})
}

/** Ends every process in the namespace, and removes it with all state. Also what a run that was killed has left. */
export async function stopLibvirt(): Promise<void> {
  if (existsSync(`/run/netns/${namespace}`)) {
    const deadline = Date.now() + endTimeoutMs
    for (let pids = await pidsInside(); pids.length > 0; pids = await pidsInside()) {
      if (Date.now() > deadline)
        throw new Error(`processes in the namespace ${namespace} do not end: ${pids.join(', ')}`)
      for (const pid of pids) end(pid, Date.now() > deadline - endTimeoutMs / 2 ? 'SIGKILL' : 'SIGTERM')
      await sleep(300)
    }
    await must(['ip', 'netns', 'del', namespace])
  }
  for (const directory of [namespaceEtc, stateDirectory]) rmSync(directory, {recursive: true, force: true})
}

const pidsInside = async (): Promise<number[]> =>
  (await run(['ip', 'netns', 'pids', namespace])).stdout.split('\n').filter(Boolean).map(Number).filter(isAlive)

/** Nobody collects the exit of processes whose parent is gone where the machine's first process does not. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const end = (pid: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}

const isAnswering = (): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(libvirtSocket)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
