// The probe as it is sent to hosts: text for `node -e`, between two processes on this machine.
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {onLine} from '../../lab/lines.ts'
import {type ProbeOrder, type ProbeSaid, probeText} from '../../src/drill/probe/probe-program.ts'

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

const started = (order: ProbeOrder) => {
  const child: ChildProcess = spawn(process.execPath, ['-e', probeText(order)], {stdio: ['pipe', 'pipe', 'inherit']})
  const said: ProbeSaid[] = []
  if (child.stdout) onLine(child.stdout, line => said.push(JSON.parse(line) as ProbeSaid))
  const until = async <Name extends ProbeSaid['said']>(name: Name): Promise<Extract<ProbeSaid, {said: Name}>> => {
    for (let round = 0; round < 600; round += 1) {
      const found = said.find((each): each is Extract<ProbeSaid, {said: Name}> => each.said === name)
      if (found) return found
      await sleep(50)
    }
    throw new Error(`the probe did not say ${name}: ${JSON.stringify(said)}`)
  }
  return {child, until, exited: once(child, 'exit')}
}

const ask = {path: 'p', address: '127.0.0.1', flows: 2, sessions: 5, connections: true}

test('two probes measure both directions, sessions and new connections, and see the other one die', async t => {
  const port = await freePort()
  const far = started({periodMs: 5, asks: [], answers: [{path: 'p', address: '127.0.0.1', port}]})
  await far.until('ready')
  const near = started({periodMs: 5, asks: [{...ask, port}], answers: []})
  await near.until('through')
  near.child.stdin?.write('clock\n')
  const {nowMs: fromMs} = await near.until('clock')
  await sleep(600)
  const killedMs = performance.timeOrigin + performance.now()
  far.child.kill('SIGKILL')
  await sleep(600)
  const toMs = performance.timeOrigin + performance.now()
  near.child.stdin?.write(`count ${fromMs} ${toMs}\n`)
  const {flows, sessions, attempts} = await near.until('counted')
  t.is(flows.length, 2)
  for (const {count} of flows) {
    t.true(count.sent > 100 && count.lost > 50 && count.lost < count.sent, JSON.stringify(count))
    t.true((count.gaps[0]?.toMs ?? 0) - (count.gaps[0]?.fromMs ?? 0) > 300)
    t.true(Math.abs((count.gaps[0]?.fromMs ?? 0) - killedMs) < 300)
  }
  t.deepEqual(
    sessions.map(({opened, survived, reset}) => ({opened, survived, reset})),
    [{opened: 5, survived: 0, reset: 5}],
  )
  t.deepEqual(
    attempts.map(({kind, made, failed}) => [kind, made > 0, failed > 0]),
    [
      ['http', true, true],
      ['dns', true, true],
    ],
  )
  const [code] = await near.exited
  t.is(code, 0)
})

test('a path that carries nothing is told by name', async t => {
  const port = await freePort()
  const near = started({periodMs: 5, asks: [{...ask, path: 'dead', port, sessions: 0}], answers: []})
  t.is((await near.until('trouble')).what, 'nothing comes back on the path dead, before any fault')
  near.child.stdin?.end()
  const [code] = await near.exited
  t.is(code, 1, 'it ends with its input')
})
