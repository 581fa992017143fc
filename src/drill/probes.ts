import {compareClocks} from './clock.ts'
import type {DrillGround, RunningCommand} from './ground.ts'
import type {DrillPath, PathResult} from './model.ts'
import {onOurClock, periodMs, pinged, resultOf} from './path-result.ts'
import {arrivalsOf, fpingWords} from './probe/fping.ts'
import {type ProbeCounts, type ProbeOrder, type ProbeSaid, probeText} from './probe/probe-program.ts'

const readyMs = 60_000
const throughMs = 30_000
const countMs = 60_000

/** Nothing can be measured: a path does not carry anything, or a probe does not do its part. */
export class ProbeError extends Error {}

export type Probes = {
  /** Ends the measurement and counts what came between the two times. */
  count(fromMs: number, toMs: number): Promise<readonly PathResult[]>
  /** Ends everything, whatever came. */
  stop(): void
  readonly uncertainMs: number
}

type Running = {readonly host: string; readonly command: RunningCommand; offsetMs: number}

/** As the login user, but first in turn where sudo allows it: a probe that has to wait measures itself. */
const urgent = (words: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  'if sudo -n true 2>/dev/null; then exec sudo -n nice -n -20 setpriv --reuid="$(id -u)" --regid="$(id -g)" --init-groups -- "$@"; fi; exec "$@"',
  'probe',
  ...words,
]

/** Which hosts of these have Node.js for the probe; the others measure by fping. */
export const hostsWithNode = async (ground: DrillGround, hosts: readonly string[]): Promise<ReadonlySet<string>> => {
  const answers = await Promise.all(
    hosts.map(async host => ({host, answer: await ground.askAsUser(host, 'command -v node && node --version')})),
  )
  return new Set(
    answers
      .filter(({answer}) => answer.code === 0 && Number(/v(\d+)/.exec(answer.stdout)?.[1]) >= 18)
      .map(({host}) => host),
  )
}

/** How each path can be measured with what its two ends have. */
export const methodOf = (path: DrillPath, withNode: ReadonlySet<string>): 'program' | 'fping' =>
  path.ping === undefined && path.to !== undefined && withNode.has(path.from) && withNode.has(path.to)
    ? 'program'
    : 'fping'

/**
 * Starts the probes of all paths and waits until every path has carried something in both directions.
 * @throws ProbeError, TransportError
 */
export const startProbes = async (ground: DrillGround, withNode: ReadonlySet<string>): Promise<Probes> => {
  const {paths} = ground.drill
  const programs = paths.filter(path => methodOf(path, withNode) === 'program')
  const pings = paths.filter(path => methodOf(path, withNode) === 'fping')
  const running: Running[] = []
  const fpings: {path: DrillPath; command: RunningCommand}[] = []
  const stop = (): void => {
    for (const {command} of [...running, ...fpings]) command.end()
  }
  try {
    // Those that answer first.
    const ends = [...new Set([...programs.map(({to}) => to ?? ''), ...programs.map(({from}) => from)])]
    for (const host of ends) {
      const command = await ground.start(host, urgent(['node', '-e', probeText(orderFor(host, programs))]))
      running.push({host, command, offsetMs: 0})
      await expectLine(command, host, 'ready', readyMs)
    }
    for (const path of pings)
      fpings.push({path, command: await ground.start(path.from, urgent(fpingWords(path.ping ?? path.address ?? '')))})
    let uncertainMs = 0
    for (const each of running) {
      const clock = await compareClocks(ground.now, async () => {
        each.command.write('clock\n')
        const said = await expectLine(each.command, each.host, 'clock', readyMs)
        return said.nowMs
      })
      each.offsetMs = clock.offsetMs
      uncertainMs = Math.max(uncertainMs, clock.uncertainMs)
    }
    for (const {host, command} of running)
      if (programs.some(({from}) => from === host)) await expectLine(command, host, 'through', throughMs)
    for (const {path, command} of fpings)
      if ((await command.next(line => arrivalsOf([line]).times.length > 0, throughMs)) === undefined)
        throw new ProbeError(
          `${path.from} gets no echo from ${path.ping ?? path.address}: the path '${path.name}' is dead`,
        )
    return {
      stop,
      uncertainMs,
      count: async (fromMs, toMs) => {
        const counted = new Map<string, ProbeCounts>()
        for (const {host, command, offsetMs} of running)
          if (programs.some(({from}) => from === host)) command.write(`count ${fromMs + offsetMs} ${toMs + offsetMs}\n`)
        // The ends that answer do so until the sessions have been asked for the last time.
        for (const each of running)
          if (programs.some(({from}) => from === each.host))
            counted.set(
              each.host,
              onOurClock(await expectLine(each.command, each.host, 'counted', countMs), each.offsetMs),
            )
        for (const each of running) {
          if (counted.has(each.host)) continue
          each.command.write(`count ${fromMs + each.offsetMs} ${toMs + each.offsetMs}\n`)
          counted.set(
            each.host,
            onOurClock(await expectLine(each.command, each.host, 'counted', countMs), each.offsetMs),
          )
        }
        stop()
        return paths.map(path => {
          const ping = fpings.find(each => each.path === path)
          const offsetMs = running.find(({host}) => host === path.from)?.offsetMs ?? 0
          return ping ? pinged(path, ping.command.lines, {fromMs, toMs, offsetMs}) : resultOf(path, counted)
        })
      },
    }
  } catch (error) {
    stop()
    throw error
  }
}

const orderFor = (host: string, paths: readonly DrillPath[]): ProbeOrder => ({
  periodMs,
  asks: paths
    .filter(({from}) => from === host)
    .map(({name, address = '', source, port, flows, sessions, connections}) => ({
      path: name,
      address,
      ...(source !== undefined && {source}),
      port,
      flows,
      sessions,
      connections,
    })),
  answers: paths.filter(({to}) => to === host).map(({name, address = '', port}) => ({path: name, address, port})),
})

const expectLine = async <Said extends ProbeSaid['said']>(
  command: RunningCommand,
  host: string,
  said: Said,
  withinMs: number,
): Promise<Extract<ProbeSaid, {said: Said}>> => {
  const line = await command.next(text => {
    const found = saidIn(text)
    return found !== undefined && (found.said === said || found.said === 'trouble')
  }, withinMs)
  const found = line === undefined ? undefined : saidIn(line)
  if (found?.said === said) return found as Extract<ProbeSaid, {said: Said}>
  if (found?.said === 'trouble') throw new ProbeError(`the probe on ${host}: ${found.what}`)
  const ended = await Promise.race([command.ended, Promise.resolve(undefined)])
  throw new ProbeError(
    ended
      ? `the probe on ${host} ended with exit code ${ended.code}: ${ended.stderr.trim().split('\n').slice(0, 3).join(' ')}`
      : said === 'through'
        ? `nothing comes back to ${host}: a path that begins there carries nothing before any fault`
        : `the probe on ${host} did not say '${said}' within ${withinMs / 1000} s`,
  )
}

const saidIn = (text: string): ProbeSaid | undefined => {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as ProbeSaid
  } catch {
    return undefined
  }
}
