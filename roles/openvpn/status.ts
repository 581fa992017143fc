import type {TaskContext} from 'gatewright'
import {type CredentialsOnHost, credentialsOnHost} from './live-problems.ts'
import {library, loadedOf, type Side, socketOf} from './places.ts'
import type {OpenvpnVars} from './vars.ts'

type Shell = TaskContext['$']

/** A connected client, as the server's management interface tells it. */
export type Session = {
  readonly name: string
  readonly source: string
  readonly address: string
  readonly received: number
  readonly sent: number
  /** Seconds since 1970. */
  readonly since: number
}
export type ServerStatus = {
  readonly side: 'server'
  readonly name: string
  readonly sessions: readonly Session[] | undefined
  readonly certificateUntil: Date | undefined
}
export type ClientStatus = {
  readonly side: 'client'
  readonly name: string
  /** `CONNECTED`, `RECONNECTING`, ... (doc/management-notes.txt, state); undefined where none runs. */
  readonly state: string | undefined
  readonly since: number
  readonly address: string
  readonly remote: string
  readonly received: number
  readonly sent: number
  readonly certificateUntil: Date | undefined
}

/** Of every instance of a host. */
export const statusOf = async ($: Shell, vars: OpenvpnVars): Promise<readonly (ServerStatus | ClientStatus)[]> => {
  const found: (ServerStatus | ClientStatus)[] = []
  for (const {name} of vars.servers) {
    const answer = await tell($, 'server', name, 'status 3')
    const certificateUntil = await loadedUntil($, 'server', name)
    found.push({
      side: 'server',
      name,
      sessions: answer === undefined ? undefined : sessionsIn(answer),
      certificateUntil,
    })
  }
  for (const {name} of vars.clients) {
    const answer = await tell($, 'client', name, 'state', 'status')
    const certificateUntil = await loadedUntil($, 'client', name)
    found.push({side: 'client', name, ...connectionIn(answer ?? ''), certificateUntil})
  }
  return found
}

/** What a running instance answers; undefined where none runs. */
export const tell = async (
  $: Shell,
  side: Side,
  name: string,
  ...commands: readonly string[]
): Promise<string | undefined> => {
  const {stdout, exitCode} = await $`${library}/openvpn-tell ${socketOf(side, name)} ${commands} 2>&1`.nothrow()
  return exitCode === 0 ? stdout : undefined
}

/** Until when certificates and lists on the host last, by its own clock. */
export const filesOf = async ($: Shell): Promise<CredentialsOnHost['files']> => {
  const {exitCode, stdout, stderr} = await $`sh -c ${credentialsOnHost.command.text}`.nothrow()
  return credentialsOnHost.parse({code: exitCode ?? 1, stdout, stderr}).files
}

const loadedUntil = async ($: Shell, side: Side, name: string): Promise<Date | undefined> => {
  const {stdout} = await $`cat ${loadedOf(side, name)} 2>/dev/null`.nothrow()
  const seconds = Number(stdout.trim().split(' ')[1])
  return Number.isNaN(seconds) ? undefined : new Date(seconds * 1000)
}

/** The answer to `status 3`: words between tabs. */
export const sessionsIn = (text: string): readonly Session[] =>
  text
    .split('\n')
    .map(line => line.split('\t'))
    .filter(([kind]) => kind === 'CLIENT_LIST')
    .map(([, name = '', source = '', address = '', , received, sent, , since]) => ({
      name,
      source,
      address,
      received: Number(received),
      sent: Number(sent),
      since: Number(since),
    }))

/** The answers to `state` and `status` of a client: words between commas. */
export const connectionIn = (text: string): Omit<ClientStatus, 'side' | 'name' | 'certificateUntil'> => {
  const lines = text.split('\n').map(line => line.split(','))
  const [since = '', state, , address = '', remote = '', port = ''] =
    lines.find(([time = '']) => /^\d+$/.test(time)) ?? []
  const bytes = (what: string): number => Number(lines.find(([name]) => name === what)?.[1] ?? 0)
  return {
    state,
    since: Number(since),
    address,
    remote: remote === '' ? '' : `${remote}:${port}`,
    received: bytes('TCP/UDP read bytes'),
    sent: bytes('TCP/UDP write bytes'),
  }
}
