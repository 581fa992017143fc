import {connect as dial, type Socket} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import type {AnyAuthMethod, Client, ConnectConfig} from 'ssh2'
import {hostKeyCheck} from './host-key.ts'
import {loginMethods} from './ssh-login.ts'
import {type Target, TransportError} from './transport.ts'

/** A client that has logged in, and the socket below it. */
export type LoggedIn = {readonly client: Client; readonly socket: Socket}

const retries = 2
const firstPauseMs = 200

/**
 * Connects and logs in. A refused or reset connection is tried again, at most twice and with a pause of random length;
 * a host key or a login that is refused never is. `connectTimeoutMs` covers all of it.
 */
export const logIn = async (target: Target): Promise<LoggedIn> => {
  const deadline = performance.now() + target.connectTimeoutMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await tryLogIn(target, deadline)
    } catch (error) {
      const pauseMs = firstPauseMs * 2 ** attempt * (0.5 + Math.random())
      const isWorthIt = error instanceof TransportError && isPassing(error.cause) && attempt < retries
      if (!isWorthIt || performance.now() + pauseMs >= deadline) throw error
      await sleep(pauseMs)
    }
  }
}

/** Whether a moment later it may go better: the daemon restarts, or its MaxStartups is reached. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof Error && ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'RESET_IN_KEX'].includes(codeOf(cause))

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

const tryLogIn = async (target: Target, deadline: number): Promise<LoggedIn> => {
  const check = await hostKeyCheck(target)
  const {default: ssh2} = await import('ssh2')
  const {methods, unusable} = await loginMethods(target, ssh2.utils.parseKey)
  const {host, address, port, connectTimeoutMs, keepaliveMs} = target
  const client = new ssh2.Client()
  // ssh2 leaves Nagle's algorithm on, which costs 40 ms for each request.
  const socket = dial({host: address, port, noDelay: true})
  const stage = {now: 'connecting to' as Stage}
  let refusal: TransportError | undefined
  const {promise, resolve, reject} = Promise.withResolvers<LoggedIn>()
  const timer = setTimeout(
    () =>
      reject(
        new TransportError(
          'timeout',
          host,
          `${at(target)} did not answer within ${connectTimeoutMs / 1000} s (${doing[stage.now]})`,
        ),
      ),
    Math.max(0, deadline - performance.now()),
  )
  const fail = (error: Error) => {
    if (/^connection lost before handshake/i.test(error.message)) Object.assign(error, {code: 'RESET_IN_KEX'})
    reject(refusal ?? explain(target, stage.now, error, unusable))
  }
  socket.once('connect', () => {
    stage.now = 'agreeing with'
  })
  socket.once('error', fail)
  client
    .on('error', fail)
    .on('close', () => fail(Object.assign(new Error('the server closed the connection'), {code: 'RESET_IN_KEX'})))
    .on('handshake', () => {
      stage.now = 'logging in to'
    })
    .on('ready', () => resolve({client, socket}))
  const config: ConnectConfig = {
    sock: socket,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: Math.max(1, Math.floor(keepaliveMs / 3)),
    // Whether the server is still there is judged by session-life.ts, from all bytes and not from these answers alone.
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    algorithms: {serverHostKey: check.algorithms as never},
    hostVerifier: (blob: Buffer) => {
      refusal = check.refusal(blob)
      return refusal === undefined
    },
    authHandler: inTurn(methods) as never,
  }
  try {
    client.connect(config)
    return await promise
  } catch (error) {
    client.destroy()
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    socket.off('error', fail)
    client.removeAllListeners('error').removeAllListeners('close').removeAllListeners('ready')
    // An error event that nobody listens to would end the process.
    client.on('error', () => {})
    socket.on('error', () => {})
  }
}

type Stage = 'connecting to' | 'agreeing with' | 'logging in to'

const doing: Record<Stage, string> = {
  'connecting to': 'while connecting',
  'agreeing with': 'connected, but no complete key exchange',
  'logging in to': 'while logging in',
}

const at = ({host, address, port}: Target): string => `${host} (${address} port ${port})`

/** Tries one method after the other, as far as the server has not ruled it out. */
const inTurn = (methods: readonly AnyAuthMethod[]) => {
  let next = 0
  return (left: readonly string[] | null, _partial: boolean, go: (method: AnyAuthMethod | false) => void): void => {
    while (next < methods.length) {
      const method = methods[next] as AnyAuthMethod
      next += 1
      const name = method.type === 'agent' ? 'publickey' : method.type
      if (left === null || left.includes(name)) return go(method)
    }
    go(false)
  }
}

const reasons: Record<string, (target: Target) => string> = {
  ECONNREFUSED: ({port}) => `the connection was refused: nothing listens on port ${port}, or a firewall rejects it`,
  ECONNRESET: () =>
    'the connection was reset: the server restarts or is at its limit (MaxStartups), or a firewall cuts it',
  EHOSTUNREACH: () => 'no route to the host, or it is down',
  ENETUNREACH: () => 'no route to its network',
  ETIMEDOUT: () => 'it does not answer: the host is down, or a firewall drops the packets',
  ENOTFOUND: ({address}) => `the name ${address} cannot be resolved`,
  EAI_AGAIN: ({address}) => `the name ${address} cannot be resolved just now`,
}

const explain = (target: Target, stage: Stage, error: Error, unusable: readonly string[]): TransportError => {
  const {host, user} = target
  const because = reasons[codeOf(error)]
  const refuse = (fault: 'unreachable' | 'login-refused', message: string) =>
    new TransportError(fault, host, message, {cause: error})
  if (stage === 'connecting to' || (because !== undefined && codeOf(error) !== 'ECONNRESET'))
    return refuse('unreachable', `cannot connect to ${at(target)}: ${because?.(target) ?? error.message}`)
  if (stage === 'logging in to') {
    if ((error as {level?: string}).level === 'client-authentication') {
      const tried = [...target.keyFiles, ...(target.password === undefined ? [] : ['the password'])]
      const skipped = unusable.length > 0 ? `; not tried: ${unusable.join(', ')}` : ''
      return refuse(
        'login-refused',
        `${at(target)} does not let ${user} log in with ${tried.join(', ') || 'the keys of the agent'}${skipped}`,
      )
    }
    return refuse('unreachable', `${at(target)} ended the connection during login: ${error.message}`)
  }
  const advice = /no matching/i.test(error.message) ? '; the two have no algorithm in common' : ''
  return refuse('unreachable', `${at(target)} ended the connection during the key exchange: ${error.message}${advice}`)
}
