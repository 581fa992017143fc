import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import type {Io} from './io.ts'

const tmpfsMagic = 0x01021994
const candidates = ['/dev/shm', '/run/shm']

/** A directory that is kept in memory, where there is one. */
const base = (env: Io['env']): string => {
  const inMemory = [env['XDG_RUNTIME_DIR'], ...candidates].find(path => {
    try {
      return path !== undefined && statfsSync(path).type === tmpfsMagic
    } catch {
      return false
    }
  })
  return inMemory ?? tmpdir()
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Lets somebody edit a text in $EDITOR. It lies in a file that only its owner can read, in memory where that is possible,
 * and is removed whatever happens.
 */
export const editText = async (text: Buffer, path: string, {env}: Io): Promise<Buffer> => {
  const directory = mkdtempSync(join(base(env), 'gatewright-'))
  const remove = (): void => rmSync(directory, {recursive: true, force: true})
  process.on('exit', remove)
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi'
  const listeners: (() => void)[] = []
  try {
    const file = join(directory, basename(path))
    writeFileSync(file, text, {mode: 0o600})
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], {stdio: 'inherit'})
    for (const signal of endings) {
      // Ctrl-C in a terminal is the editor's own; what ends this ends the editor too.
      const listener = (): void => void (signal === 'SIGINT' || child.kill(signal))
      process.on(signal, listener)
      listeners.push(() => process.off(signal, listener))
    }
    const failure = await new Promise<string | undefined>(resolve => {
      child.on('error', error => resolve(error.message))
      child.on('close', (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`))
    })
    if (failure === undefined) return readFileSync(file)
    const what = `the editor ${editor} failed, and nothing was changed`
    throw new InvalidInput([{rule: 'editor', what, why: failure, fix: 'set EDITOR to another one'}])
  } finally {
    for (const off of listeners) off()
    remove()
    process.off('exit', remove)
  }
}
