import {connect} from 'node:net'
import {onLine} from './lines.ts'
import {supervisorSocket} from './names.ts'
import type {Reply, Request, SupervisorStatus} from './protocol.ts'
import {standardTopologyFile, type Topology} from './topology.ts'

/** The lab failed at something it should be able to do. */
export class LabError extends Error {
  override name = 'LabError'
}

/**
 * Has the supervisor do something and waits until it is done.
 * @throws LabError when the lab is down or the supervisor refuses
 */
export async function ask(topology: Topology, request: Request): Promise<SupervisorStatus> {
  const status = await askIfUp(topology, request)
  if (!status)
    throw new LabError(`the lab ${topology.name} is down; start it with: gatewright lab up${fileOption(topology)}`)
  return status
}

/** As `ask`, undefined when nobody answers because the lab is down. */
export async function askIfUp(topology: Topology, request: Request): Promise<SupervisorStatus | undefined> {
  const line = await exchange(supervisorSocket(topology), JSON.stringify(request))
  if (line === undefined) return undefined
  const reply: Reply = JSON.parse(line)
  if (!reply.ok) throw new LabError(reply.error)
  return reply.status
}

function exchange(socketFile: string, line: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(socketFile)
    const done = (answer: string | undefined) => {
      resolve(answer)
      socket.destroy()
    }
    socket.on('error', () => done(undefined))
    socket.on('close', () => done(undefined))
    onLine(socket, done)
    socket.write(`${line}\n`)
  })
}

/** What a command line needs besides the sub-command to mean this lab. */
export function fileOption({file}: Topology): string {
  return file === standardTopologyFile ? '' : ` --topology ${file}`
}
