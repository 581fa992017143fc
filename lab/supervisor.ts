// The process behind a lab: it boots the hosts, starts them again when they reboot, and is the only one that touches
// power and cables, so that a fault outlives the reboot of a host. Arguments: a config file that `up` wrote.
import {type ChildProcess, fork} from 'node:child_process'
import {readFileSync, rmSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import type {Forward} from './forwarder.ts'
import {LabHost} from './lab-host.ts'
import {onLine} from './lines.ts'
import {messageOf} from './message-of.ts'
import {controlNamespace, supervisorSocket} from './names.ts'
import {makeCore} from './network.ts'
import {PassingFaults} from './passing-faults.ts'
import type {Reply, Request, SupervisorConfig, SupervisorStatus} from './protocol.ts'
import {siblingModule} from './sibling-module.ts'
import {managementAddress, type Topology} from './topology.ts'

const config: SupervisorConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const {topology} = config
const hosts = new Map(
  Object.keys(topology.hosts).map(name => {
    const layers = config.layers[name]
    if (!layers) throw new Error(`no layers for ${name}`)
    return [name, new LabHost(topology, name, layers)]
  }),
)

function status(): SupervisorStatus {
  const entries = [...hosts].map(([name, host]) => [name, host.status] as const)
  return {pid: process.pid, checkout: config.checkout, hosts: Object.fromEntries(entries)}
}

async function perform(request: Request): Promise<void> {
  if (request.op === 'status') return
  const host = hosts.get(request.host)
  if (!host) throw new Error(`no host ${request.host}`)
  await host.serial(() => operate(host, request))
  passing.follow(request)
}

const passing = new PassingFaults(request => perform(request))

function operate(host: LabHost, request: Exclude<Request, {op: 'status'}>): Promise<void> {
  switch (request.op) {
    case 'boot':
      return host.boot()
    case 'kill':
      return host.kill()
    case 'reset':
      return host.reset()
    case 'freeze':
      return host.setFrozen(true)
    case 'thaw':
      return host.setFrozen(false)
    case 'cut':
      return host.cut(request.link)
    case 'heal':
      return host.heal(request.link)
    default:
      return host.degrade(request.link, request.degradation)
  }
}

async function answer(line: string): Promise<Reply> {
  try {
    const request: Request = JSON.parse(line)
    await perform(request)
    return {ok: true, status: status()}
  } catch (error) {
    return {ok: false, error: messageOf(error)}
  }
}

function serve(): void {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    onLine(socket, line => {
      void answer(line).then(reply => socket.writable && socket.write(`${JSON.stringify(reply)}\n`))
    })
  })
  rmSync(supervisorSocket(topology), {force: true})
  server.listen(supervisorSocket(topology))
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Whoever comes before the forwarder has the socket is sent away, not kept waiting for ever.
    const server = createServer(early => early.destroy())
    server.on('error', ({code, message}: NodeJS.ErrnoException) => {
      const taken = `port ${port} of 127.0.0.1 is in use by another program: end it, or change the port in ${topology.file}`
      reject(new Error(code === 'EADDRINUSE' ? taken : message))
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

/**
 * The ports are opened here, in the machine's own namespace, and given to a child that lives in the control namespace:
 * what it connects to therefore crosses the hosts' mgmt links.
 */
async function startForwarder({hosts: all}: Topology): Promise<void> {
  const servers = await Promise.all(
    Object.entries(all).map(async ([name, {ssh}]) => ({
      address: managementAddress(topology, name),
      server: await listen(ssh),
    })),
  )
  const child: ChildProcess = fork(siblingModule(import.meta, 'forwarder'), [], {
    execPath: 'nsenter',
    execArgv: [`--net=/run/netns/${controlNamespace(topology)}`, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('exit', code => {
    console.error(`the forwarder ended with exit ${code}`)
    process.exit(1)
  })
  for (const {address, server} of servers) {
    child.send({address, port: 22} satisfies Forward, server, () => server.close())
  }
}

// The hosts die with this process (nspawn has a parent death signal), the forwarder notices the closed channel.
process.on('SIGTERM', () => process.exit(0))
await makeCore(topology)
await startForwarder(topology)
serve()
