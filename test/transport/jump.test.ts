import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {connecting} from '../../src/transport/connect.ts'
import {noMeans} from '../../src/transport/means.ts'
import {type Session, type Target, TransportError} from '../../src/transport/transport.ts'
import {keygen, startSshd, type TestServer} from '../support/sshd.ts'

let servers: TestServer[]
let strangerKey: string
test.before(async () => {
  servers = await Promise.all([1, 2, 3, 4].map(() => startSshd(['LogLevel VERBOSE'])))
  const file = join((servers[0] as TestServer).directory, 'stranger')
  keygen(file)
  strangerKey = readFileSync(`${file}.pub`, 'utf8')
})
test.after.always(() => Promise.all((servers ?? []).map(server => server.stop())))

const [first, second, last, beside] = [0, 1, 2, 3].map(n => () => servers[n] as TestServer) as [
  () => TestServer,
  () => TestServer,
  () => TestServer,
  () => TestServer,
]
const named = ({target}: TestServer, host: string, changes: Partial<Target> = {}): Target => ({
  ...target,
  host,
  ...changes,
})
const logins = (server: TestServer): number => server.log().split('Accepted publickey').length - 1
const userOn = async (session: Session): Promise<string> => {
  const [outcome] = await session.shell({}).request([{id: 'port', script: 'echo "${SSH_CONNECTION##* }"'}])
  return outcome?.status === 'done' ? outcome.stdout.trim() : 'skipped'
}
/** Until the log of a server says so, or for long enough to be sure that it never will. */
const until = async (isSo: () => boolean): Promise<boolean> => {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await sleep(20)
  return isSo()
}
const closings = (server: TestServer): number =>
  server.log().match(/(Disconnected from|Connection closed by)/g)?.length ?? 0

for (const transport of ['ssh2', 'openssh'] as const) {
  const over = (t: ExecutionContext) => {
    const connect = connecting({...noMeans})
    return async (target: Target) => {
      const session = await connect({...target, transport})
      t.teardown(() => session.close())
      return session
    }
  }
  const hop = (server: TestServer, host: string, changes: Partial<Target> = {}) =>
    named(server, host, {transport, ...changes})

  test.serial(
    `${transport}: two hops, each with its own login, tasks too; one login for all hosts behind them`,
    async t => {
      const before = servers.map(logins)
      const connect = over(t)
      const jumps = [hop(first(), 'outer'), hop(second(), 'inner')]
      const [a, b] = await Promise.all([
        connect(named(last(), 'gw1', {jumps})),
        connect(named(beside(), 'gw2', {jumps})),
      ])
      t.deepEqual(await Promise.all([a, b].map(userOn)), [`${last().port}`, `${beside().port}`])
      t.is(await a.withZx({}, async $ => $`echo "\${SSH_CONNECTION##* }"`.text()), `${last().port}\n`)
      t.deepEqual(
        servers.map(logins).map((count, n) => count - Number(before[n])),
        [1, 1, 1, 1],
      )
      const closed = servers.map(closings)
      await a.close()
      t.is(await userOn(b), `${beside().port}`)
      t.is(closings(first()), Number(closed[0]))
      await b.close()
      t.true(await until(() => closings(first()) > Number(closed[0]) && closings(second()) > Number(closed[1])))
      t.is(await userOn(await connect(named(last(), 'gw1', {jumps}))), `${last().port}`)
    },
  )

  for (const [at, wrong] of [
    ['outer', 0],
    ['inner', 1],
  ] as const)
    test.serial(`${transport}: a wrong host key of the hop ${at} is refused, and the hop is named`, async t => {
      const before = logins(last())
      const changes = (n: number): Partial<Target> => (n === wrong ? {hostKeys: [strangerKey]} : {})
      const jumps = [hop(first(), 'outer', changes(0)), hop(second(), 'inner', changes(1))]
      const error = await t.throwsAsync(over(t)(named(last(), 'gw1', {jumps})), {instanceOf: TransportError})
      t.is(error.fault, 'host-key')
      t.is(error.host, 'gw1')
      t.regex(error.message, new RegExp(`^at the jump host ${at}: the host key of`))
      t.log(error.message)
      t.is(logins(last()), before)
    })

  test.serial(`${transport}: a hop that lets nobody in, or cannot reach the host, is named`, async t => {
    const stranger = join(first().directory, 'stranger')
    const refused = await t.throwsAsync(
      over(t)(named(last(), 'gw1', {jumps: [hop(first(), 'outer', {keyFiles: [stranger], agent: 'none'})]})),
      {instanceOf: TransportError},
    )
    t.is(refused.fault, 'login-refused')
    t.regex(refused.message, /at the jump host outer: .*does not let/)
    const dead = await t.throwsAsync(over(t)(named(last(), 'gw1', {port: 1, jumps: [hop(first(), 'outer')]})), {
      instanceOf: TransportError,
    })
    t.is(dead.fault, 'unreachable')
    t.regex(dead.message, /gw1 \(127.0.0.1 port 1\)/)
    t.log(dead.message)
  })

  test.serial(
    `${transport}: when the hop goes away, so do the hosts behind it, and the next gets a new one`,
    async t => {
      const own = await startSshd()
      t.teardown(() => own.stop())
      const connect = over(t)
      const target = named(last(), 'gw1', {jumps: [hop(own, 'outer', {keepaliveMs: 1500})], keepaliveMs: 1500})
      const session = await connect(target)
      const request = session.shell({}).request([{id: 'long', script: 'sleep 30'}], {
        onStart: () => own.signalSessions('SIGSTOP'),
      })
      const lost = await t.throwsAsync(request, {instanceOf: TransportError})
      t.true(lost.fault === 'timeout' || lost.fault === 'connection-lost', lost.message)
      let again: Session | undefined
      for (let tries = 0; tries < 20 && again === undefined; tries += 1)
        again = await connect(target).catch(() => sleep(300, undefined))
      t.is(again && (await userOn(again)), `${last().port}`)
    },
  )
}
