import {connect as dial} from 'node:net'
import type {Duplex} from 'node:stream'
import type {AnyAuthMethod, Client, ConnectConfig} from 'ssh2'
import {hostKeyCheck} from './host-key.ts'
import type {Means} from './means.ts'
import {codeOf, retryLogin} from './retry-login.ts'
import {watchLife} from './session-life.ts'
import {type Lease, sharedHops} from './shared-hops.ts'
import {type Login, loginMethods} from './ssh-login.ts'
import {type Target, TransportError} from './transport.ts'

/** A client that has logged in, and the socket below it. */
export type LoggedIn = {
  readonly client: Client
  readonly socket: Duplex
  /** Gives the jump host back that this client goes through. */
  readonly release: () => void
}

/** Connects and logs in, through the jump hosts of the target. */
export const logIn = async (target: Target, means: Means): Promise<LoggedIn> => {
  const lease = await enterHop(means)(target)
  try {
    return await retryLogin(target, deadline => tryLogIn(target, means, deadline, lease))
  } catch (error) {
    lease?.release()
    throw error
  }
}

type Enter = (target: Target) => Promise<Lease<LoggedIn> | undefined>
const enters = new WeakMap<Means, Enter>()

/** Jump hosts are shared by all connections that are made with the same means. */
const enterHop = (means: Means): Enter => {
  const known = enters.get(means)
  if (known !== undefined) return known
  const enter = sharedHops<LoggedIn>(
    async hop => {
      const loggedIn = await logIn(hop, means)
      const {client, socket} = loggedIn
      const stop = watchLife(socket, hop.keepaliveMs, () => client.destroy())
      client.once('close', stop)
      return loggedIn
    },
    ({client}) => client.end(),
    ({client, release}, ended) =>
      client.once('close', () => {
        ended()
        release()
      }),
  )
  enters.set(means, enter)
  return enter
}

const tryLogIn = async (
  target: Target,
  means: Means,
  deadline: number,
  lease: Lease<LoggedIn> | undefined,
): Promise<LoggedIn> => {
  const {default: ssh2} = await import('ssh2')
  const [check, login] = await Promise.all([hostKeyCheck(target, means.note), loginMethods(target, means, ssh2)])
  const {host, user, connectTimeoutMs, keepaliveMs} = target
  const client = new ssh2.Client()
  const stage = {now: 'connecting to' as Stage}
  let socket: Duplex | undefined
  let refusal: TransportError | undefined
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  promise.catch(() => {})
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
    reject(refusal ?? explain(target, stage.now, error, login))
  }
  client
    .on('error', fail)
    .on('close', () => fail(Object.assign(new Error('the server closed the connection'), {code: 'RESET_IN_KEX'})))
    .on('handshake', () => {
      stage.now = 'logging in to'
    })
    .on('ready', resolve)
  const config: ConnectConfig = {
    username: user,
    readyTimeout: 0,
    keepaliveInterval: Math.max(1, Math.floor(keepaliveMs / 3)),
    // Whether the server is still there is judged by session-life.ts, from all bytes and not from these answers alone.
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    algorithms: {serverHostKey: check.algorithms as never},
    hostVerifier: (blob: Buffer, isHost: (verdict: boolean) => void) =>
      void check
        .judge(blob)
        .then(reason => {
          refusal = reason
          return isHost(reason === undefined)
        })
        .catch(fail),
    authHandler: inTurn(login.methods) as never,
  }
  const opening = lease === undefined ? direct(target, stage, fail) : forwarded(lease.connection.client, target)
  opening.catch(fail)
  const failure = new Promise<never>((_, never) => void promise.catch(never))
  try {
    socket = await Promise.race([opening.catch(() => failure), failure])
    if (lease !== undefined) stage.now = 'agreeing with'
    client.connect({...config, sock: socket})
    await promise
    return {client, socket, release: () => lease?.release()}
  } catch (error) {
    client.destroy()
    void opening.then(
      late => late.destroy(),
      () => {},
    )
    throw error
  } finally {
    clearTimeout(timer)
    socket?.off('error', fail)
    client.removeAllListeners('error').removeAllListeners('close').removeAllListeners('ready')
    // An error event that nobody listens to would end the process.
    client.on('error', () => {})
    socket?.on('error', () => {})
  }
}

type Stage = 'connecting to' | 'agreeing with' | 'logging in to'

const doing: Record<Stage, string> = {
  'connecting to': 'while connecting',
  'agreeing with': 'connected, but no complete key exchange',
  'logging in to': 'while logging in',
}

const at = ({host, address, port}: Target): string => `${host} (${address} port ${port})`

const direct = async ({address, port}: Target, stage: {now: Stage}, fail: (error: Error) => void): Promise<Duplex> => {
  // ssh2 leaves Nagle's algorithm on, which costs 40 ms for each request.
  const socket = dial({host: address, port, noDelay: true})
  socket.once('error', fail)
  socket.once('connect', () => {
    stage.now = 'agreeing with'
  })
  return socket
}

/** A connection that the jump host makes. */
const forwarded = (hop: Client, {address, port}: Target): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    hop.forwardOut('127.0.0.1', 0, address, port, (error, channel) => (error ? reject(error) : resolve(channel)))
  })

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

const explain = (target: Target, stage: Stage, error: Error, login: Login): TransportError => {
  const {host, user} = target
  const because = reasons[codeOf(error)]
  const refuse = (fault: 'unreachable' | 'login-refused', message: string) =>
    new TransportError(fault, host, message, {cause: error})
  if (stage === 'connecting to' || (because !== undefined && codeOf(error) !== 'ECONNRESET'))
    return refuse('unreachable', `cannot connect to ${at(target)}: ${because?.(target) ?? error.message}`)
  if (stage === 'logging in to') {
    const tooMany = /too many authentication failures/i.test(error.message)
    if (tooMany || (error as {level?: string}).level === 'client-authentication') {
      const {tried, unusable, unanswered} = login
      const skipped = unusable.length > 0 ? `; not tried: ${unusable.join(', ')}` : ''
      const asked = unanswered.length > 0 ? `; it asked what nobody here can answer: ${unanswered.join(', ')}` : ''
      const limit = tooMany
        ? '; it takes no more attempts (MaxAuthTries): name the right key in ansible_ssh_private_key_file'
        : ''
      const message = `${at(target)} does not let ${user} log in with ${tried.join(', ')}${skipped}${asked}${limit}`
      return refuse('login-refused', message)
    }
    return refuse('unreachable', `${at(target)} ended the connection during login: ${error.message}`)
  }
  const advice = /no matching/i.test(error.message)
    ? '; the two have no algorithm in common: the transport openssh may have one (gatewright_transport: openssh)'
    : ''
  return refuse('unreachable', `${at(target)} ended the connection during the key exchange: ${error.message}${advice}`)
}
