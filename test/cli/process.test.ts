import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {type AddressInfo, createServer, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {playbook} from './in-process.ts'

/** The real process, against a port that takes connections, counts them and says nothing. */
const main = join(import.meta.dirname, '../../src/cli/main.ts')
const start = (args: readonly string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: {...process.env, NO_COLOR: '1'},
  })

const finished = async (child: ReturnType<typeof start>) => {
  const written = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text))
  const [code] = (await once(child, 'close')) as [number]
  return {code, ...written}
}

const silentHost = async () => {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-cli-'))
  const inventory = join(directory, 'hosts.yml')
  const {port} = server.address() as AddressInfo
  const host = {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'operator',
    ansible_password: 'unused-here',
    gatewright_host_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB4vE5pT0mYy2G1qjv3mC0aK1bWQ1f4nS7V3wq8JpK9d',
  }
  await writeFile(inventory, JSON.stringify({gateways: {hosts: {'gw-a1': host}}}))
  return {
    inventory,
    connections: () => sockets.length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await rm(directory, {recursive: true})
    },
  }
}

test('invalid input connects to nothing', async t => {
  await using host = await silentHost()
  const {code, stdout, stderr} = await finished(start(['play', playbook('broken'), '-i', host.inventory]))
  t.is(code, 5)
  t.is(stdout, '')
  t.regex(
    stderr,
    /broken\.yml:2:\d+: .*gatewais.*\n.*broken\.yml:4:\d+: .*fille.*\n2 problems; nothing was connected\n$/s,
  )
  t.is(host.connections(), 0)
})

test('an interruption while it connects ends the process with 130 and a summary', async t => {
  await using host = await silentHost()
  const child = start(['play', playbook('message'), '-i', host.inventory])
  const result = finished(child)
  while (host.connections() === 0) await sleep(50)
  child.kill('SIGINT')
  const {code, stdout, stderr} = await result
  t.is(code, 130)
  t.is(stderr, 'finishing what is running; again to leave it to the hosts\n')
  t.regex(stdout, /gw-a1 {2}interrupted[^]*exit code 130: interrupted\n$/)
  t.is(host.connections(), 1)
})

test('a reader that goes away ends it quietly', async t => {
  const child = start(['play', '--help'])
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number]
  t.is(code, 0)
  t.is(stderr, '')
})

test('a check whose reader goes away ends quietly, and not with 0', async t => {
  await using host = await silentHost()
  const child = start(['check', playbook('message'), '-i', host.inventory])
  await once(child.stdout, 'data')
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // The reader is missed at the next line: when the host has been given up.
  const [code] = (await once(child, 'close')) as [number]
  t.true(code === 130 || code === 4, String(code))
  t.is(stderr, '')
})

test('--help and --version load no engine', async t => {
  const child = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    `
    import {registerHooks} from 'node:module'
    const loaded = []
    registerHooks({load(url, context, next) { loaded.push(url); return next(url, context) }})
    const {main} = await import(${JSON.stringify(join(import.meta.dirname, '../../src/cli/cli.ts'))})
    await main(['--help'], {stdout: {write() {}}, stderr: {write() {}}, env: {}, cwd: '.'})
    console.log(JSON.stringify(loaded))
  `,
  ])
  const {stdout} = await finished(child)
  const loaded = JSON.parse(stdout) as string[]
  t.deepEqual(
    loaded.filter(url => /ssh2|listr2|chalk|ajv|zx|js-yaml|transport|planner|executor|src\/inventory/.test(url)),
    [],
  )
})
