import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {must} from '../../lab/run.ts'
import {until} from './until.ts'

const program = '/usr/bin/chromium'
/** Nothing is fetched by itself, and no sandbox, which root cannot have. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
]

export type Page = {
  /** Sends a command of the DevTools protocol, and gives its result. */
  send(method: string, parameters?: object): Promise<any>
  evaluate<Value>(expression: string): Promise<Value>
  /** What the page complained about. */
  readonly complaints: readonly string[]
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

/** Debian's Chromium, installed where it is missing, with one page that shows `url`. */
export const openPage = async (url: string, size = {width: 1280, height: 900}): Promise<Page> => {
  if (!existsSync(program))
    await must(['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'], {timeoutMs: 600_000})
  const profile = mkdtempSync(join(tmpdir(), 'gatewright-chromium-'))
  const child = spawn(
    program,
    [...flags, `--user-data-dir=${profile}`, `--window-size=${size.width},${size.height}`, 'about:blank'],
    {
      stdio: 'ignore',
    },
  )
  const portFile = join(profile, 'DevToolsActivePort')
  if (
    !(await until(async () => existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n'), {
      withinMs: 60_000,
    }))
  )
    throw new Error('chromium did not start within a minute')
  const [port = ''] = readFileSync(portFile, 'utf8').split('\n')
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    type: string
    webSocketDebuggerUrl: string
  }[]
  const socket = new WebSocket(targets.find(({type}) => type === 'page')?.webSocketDebuggerUrl ?? '')
  await once(socket, 'open')
  const waiting = new Map<number, PromiseWithResolvers<any>>()
  const complaints: string[] = []
  let number = 0
  let loaded = Promise.withResolvers<void>()
  socket.addEventListener('message', ({data}) => {
    const {id, result, error, method, params} = JSON.parse(String(data))
    if (method === 'Page.loadEventFired') loaded.resolve()
    if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.text)
    if (method === 'Log.entryAdded' && params.entry.level === 'error') complaints.push(params.entry.text)
    if (error) waiting.get(id)?.reject(new Error(error.message))
    else waiting.get(id)?.resolve(result)
  })
  const send = (method: string, parameters: object = {}): Promise<any> => {
    number += 1
    const answer = Promise.withResolvers<any>()
    waiting.set(number, answer)
    socket.send(JSON.stringify({id: number, method, params: parameters}))
    return answer.promise
  }
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`)
  loaded = Promise.withResolvers<void>()
  await send('Page.navigate', {url})
  await loaded.promise
  return {
    send,
    complaints,
    evaluate: async expression => {
      const {result, exceptionDetails} = await send('Runtime.evaluate', {expression, returnByValue: true})
      if (exceptionDetails) throw new Error(exceptionDetails.text)
      return result.value
    },
    screenshot: async () => {
      const {data} = await send('Page.captureScreenshot', {captureBeyondViewport: true, format: 'png'})
      return Buffer.from(data, 'base64')
    },
    close: async () => {
      socket.close()
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      rmSync(profile, {recursive: true, force: true, maxRetries: 5})
    },
  }
}
