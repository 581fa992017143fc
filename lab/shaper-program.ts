import {existsSync, mkdirSync, readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {ensureDebianPackages} from './debian-packages.ts'
import {digest, imageCache} from './names.ts'
import {must, run} from './run.ts'

const source = join(import.meta.dirname, 'link-shaper.c')

/** Whether this kernel can delay and lose packets itself. Asked in a namespace that lives for the question only. */
export async function hasNetem(): Promise<boolean> {
  const {code} = await run(['unshare', '--net', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'])
  return code === 0
}

/** The stand-in for netem, compiled once per version of its source. */
export const shaperProgram = () => join(imageCache, `link-shaper-${digest(readFileSync(source, 'utf8')).slice(0, 12)}`)

/** Compiles the stand-in where the kernel has no netem; installs a compiler when there is none. */
export async function prepareShaper(log: (line: string) => void): Promise<void> {
  if (existsSync(shaperProgram()) || (await hasNetem())) return
  await ensureDebianPackages({gcc: 'gcc', '/usr/include/stdio.h': 'libc6-dev'}, log)
  mkdirSync(imageCache, {recursive: true})
  const partial = `${shaperProgram()}.${process.pid}`
  await must(['gcc', '-O2', '-o', partial, source])
  renameSync(partial, shaperProgram())
}
