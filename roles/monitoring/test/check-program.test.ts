// The program of the checks against servers on the loopback; what needs curl and fping is seen in the lab.
import {spawn} from 'node:child_process'
import {createSocket} from 'node:dgram'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import '../../../src/resolve.ts'

const {checkProgramText} = await import('../checks/program.ts')

/** What it prints, without the comments and the times. */
const run = async (
  t: ExecutionContext,
  checks: readonly (readonly (string | number)[])[],
  former = '',
): Promise<string[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-checks-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const at = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const lines = checks.map(fields => `${fields.join('\t')}\n`).join('')
  const child = spawn('perl', [
    at('program', checkProgramText),
    at('checks', `# a comment\n${lines}`),
    at('former', former),
  ])
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  const [code] = await once(child, 'close')
  t.is(code, 0)
  return out.split('\n').filter(line => line !== '' && !line.startsWith('#'))
}
const labels = (name: string, kind: string, via = 'lo'): string => `{check="${name}",kind="${kind}",via="${via}"}`

test('a port that is open, and one that is not', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const {port} = server.address() as {port: number}
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const closed = (spare.address() as {port: number}).port
  await new Promise(resolve => spare.close(resolve))
  const found = await run(t, [
    ['open', 'tcp', 'lo', 'lo', `127.0.0.1:${port}`, 200, '', 3, 30],
    ['closed', 'tcp', 'lo', 'lo', `127.0.0.1:${closed}`, 200, '', 3, 30],
    ['elsewhere', 'tcp', 'wg9', 'wg9', `127.0.0.1:${port}`, 200, '', 3, 30],
  ])
  t.deepEqual(found.slice(0, 2), [
    `gatewright_check_up${labels('open', 'tcp')} 1`,
    `gatewright_check_up${labels('closed', 'tcp')} 0`,
  ])
  t.false(
    found.some(line => line.includes('elsewhere')),
    'of a device that is not there nothing is told',
  )
})

test('what is not due is told as it was', async t => {
  const now = Math.floor(Date.now() / 1000)
  const told = (name: string, seconds: number): string =>
    `gatewright_check_up${labels(name, 'tcp')} 1\ngatewright_check_seconds${labels(name, 'tcp')} 0.0123\ngatewright_check_asked_seconds${labels(name, 'tcp')} ${seconds}\n`
  const check = (name: string) => [name, 'tcp', 'lo', 'lo', '127.0.0.1:1', 200, '', 3, 60]
  const found = await run(t, [check('fresh'), check('old')], told('fresh', now - 20) + told('old', now - 61))
  t.deepEqual(found.slice(0, 3), [
    `gatewright_check_up${labels('fresh', 'tcp')} 1`,
    `gatewright_check_up${labels('old', 'tcp')} 0`,
    `gatewright_check_seconds${labels('fresh', 'tcp')} 0.0123`,
  ])
  t.true(found.includes(`gatewright_check_asked_seconds${labels('fresh', 'tcp')} ${now - 20}`))
})

/** Answers for crm.example by one address of each family, and that other names do not exist. */
const answer = (asked: Buffer): Buffer => {
  const question = asked.subarray(12)
  const isKnown = question.includes('\u0003crm\u0007example')
  const isSix = question.at(-3) === 28
  const data = isSix ? Buffer.from('20010db8000000000000000000000053', 'hex') : Buffer.from([10, 20, 0, 53])
  const record = Buffer.concat([Buffer.from([0xc0, 12, 0, isSix ? 28 : 1, 0, 1, 0, 0, 0, 60, 0, data.length]), data])
  const head = Buffer.from([0x81, isKnown ? 0x80 : 0x83, 0, 1, 0, isKnown ? 1 : 0, 0, 0, 0, 0])
  return Buffer.concat([asked.subarray(0, 2), head, question, ...(isKnown ? [record] : [])])
}

test('a name that is resolved as it should be, and not', async t => {
  const server = createSocket('udp4', (asked, from) => server.send(answer(asked), from.port, from.address))
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const {port} = server.address()
  const check = (name: string, asked: string, wanted: string) =>
    [name, 'dns', 'lo', 'lo', `${asked}@127.0.0.1:${port}`, 200, wanted, 2, 30] as const
  const found = await run(t, [
    check('any', 'crm.example', ''),
    check('right', 'crm.example', '10.20.0.53'),
    check('six', 'crm.example', '2001:db8::53'),
    check('other', 'crm.example', '10.20.0.54'),
    check('unknown', 'nobody.example', ''),
  ])
  t.deepEqual(
    found.slice(0, 5).map(line => line.at(-1)),
    ['1', '1', '1', '0', '0'],
  )
})
