import {type Emit, eventVersion, type HostStatus, type HostSummary, noCounts} from '../events.ts'
import {Connection} from '../executor/connection.ts'
import {exitCodeOf, exitCodes} from '../playbook/exit-code.ts'
import {limitConcurrency} from '../playbook/limit-concurrency.ts'
import type {Fleet} from '../playbook/model.ts'
import {emitter} from '../reporters/emit.ts'
import {$} from '../shell/command.ts'
import {type Connect, TransportError} from '../transport/transport.ts'
import {accessOptions} from './access-flags.ts'
import {connectFor} from './connect-for.ts'
import {type HostFlags, loadOptions} from './flags.ts'
import {onInterrupt} from './interrupt.ts'
import type {Io} from './io.ts'
import {reporterFor, untilGone} from './reporter-for.ts'

type Context = {
  readonly fleet: Fleet
  readonly connect: Connect
  readonly emit: Emit
  readonly script: string
  readonly signal: AbortSignal
}

/** `gatewright exec PATTERN -- COMMAND`: a shell command on hosts, without journal or plan. */
export const exec = async (
  pattern: string,
  words: readonly string[],
  flags: HostFlags,
  io: Io,
  command: string,
): Promise<number> => {
  const {hostsFleet} = await import('../playbook/load.ts')
  const {execOutput} = await import('../reporters/exec-output.ts')
  const access = await accessOptions(flags, io)
  const fleet = await hostsFleet({...loadOptions([], flags, io), access}, pattern)
  using interrupt = onInterrupt(io.signals, text => io.stderr.write(`${text}\n`), 'commands')
  const output = untilGone(io.stdout, () => interrupt.abort())
  const screen = await reporterFor(output, flags, io, execOutput)
  const connect = await connectFor(fleet, io, text => void io.stderr.write(`${text}\n`))
  const emit = emitter([screen])
  const script = words.length === 1 ? String(words[0]) : $`${words}`.text
  const run = onAll({fleet, connect, emit, script, signal: interrupt.signal}, {forks: flags.forks, command})
  try {
    return await Promise.race([run, interrupt.forced.then(() => exitCodes.interrupted)])
  } finally {
    await screen.close?.()
  }
}

const onAll = async (context: Context, {forks, command}: {forks: number; command: string}): Promise<number> => {
  const {fleet, emit, signal} = context
  const start = performance.now()
  const names = [...new Set(fleet.plays.flatMap(({hosts}) => hosts))]
  emit({event: 'run-start', version: eventVersion, run: 'exec', mode: 'apply', command, hosts: names, plays: []})
  const summaries = new Map<string, HostSummary>()
  await limitConcurrency(names, forks, async host => {
    const summary = await onHost(host, context)
    summaries.set(host, summary)
    emit({event: 'host-end', host, summary})
  })
  const hosts = names.flatMap(name => summaries.get(name) ?? [])
  const exitCode = exitCodeOf(hosts, {mode: 'apply', interrupted: signal.aborted, strict: false})
  const elapsedMs = Math.round(performance.now() - start)
  emit({event: 'summary', mode: 'apply', exitCode, interrupted: signal.aborted, hosts, elapsedMs})
  return exitCode
}

const onHost = async (host: string, {fleet, connect, emit, script, signal}: Context): Promise<HostSummary> => {
  const target = fleet.hosts.get(host)?.target
  if (!target) throw new Error(`${host} has no target`)
  if (signal.aborted) return fail(host, 'interrupted', 'not begun', emit)
  const become = fleet.plays.find(({hosts}) => hosts.includes(host))?.become(host)
  const connection = new Connection(connect, target, {become, readOnly: false, signal})
  try {
    const shell = await connection.shell(become)
    const [outcome] = await shell.request([{id: 'command', script}])
    if (outcome?.status !== 'done') throw new Error('the host gave no answer')
    const {code, stdout, stderr} = outcome
    const output = stdout + (stdout && stderr && !stdout.endsWith('\n') ? '\n' : '') + stderr
    emit({event: 'step-end', host, id: 'exec', play: 0, step: 'command', title: script, code, output})
    return summaryOf(host, code === 0 ? 'ok' : 'failed', code === 0 ? undefined : `exit code ${code}`)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    if (signal.aborted) return fail(host, 'interrupted', error.message, emit)
    const refused = error.fault === 'become-refused' || error.fault === 'shell-died'
    return fail(host, refused ? 'failed' : 'unreachable', error.message, emit)
  } finally {
    await connection.close()
  }
}

const fail = (host: string, status: HostStatus, message: string, emit: Emit): HostSummary => {
  emit({event: 'host-failed', host, status, message})
  return summaryOf(host, status, message)
}

const summaryOf = (host: string, status: HostStatus, error?: string): HostSummary => {
  const counts = noCounts()
  counts[status === 'ok' ? 'ok' : 'failed'] = 1
  return {host, status, counts, unsupported: [], ...(error !== undefined && {error})}
}
