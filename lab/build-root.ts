import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {rename} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {aptOptions, debianSources, labRelease} from './debian-sources.ts'
import {digest, imageCache} from './names.ts'
import {must} from './run.ts'

type Log = (line: string) => void

/** Makes a directory by `build` unless it is there; an interrupted build leaves no half of it under its name. */
export async function ensureBuilt(
  target: string,
  log: Log,
  what: string,
  build: (partial: string) => Promise<void>,
): Promise<void> {
  if (existsSync(target)) return
  mkdirSync(join(target, '..'), {recursive: true})
  const partial = `${target}.${process.pid}.partial`
  log(`building the ${what} (once)`)
  const started = Date.now()
  try {
    await build(partial)
    // Another process may have been as quick; both results are the same.
    if (!existsSync(target)) await rename(partial, target).catch(ignoreIfPresent(target))
  } finally {
    rmSync(partial, {recursive: true, force: true})
  }
  log(`built in ${Math.round((Date.now() - started) / 1000)} s`)
}

function ignoreIfPresent(target: string): (error: unknown) => void {
  return error => {
    if (!existsSync(target)) throw error
  }
}

/** Files with the machine's own Debian sources and apt settings, for as long as `action` runs. */
export async function withDebianSources(
  action: (files: {sources: string; aptOptions: string}) => Promise<void>,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'gatewright-lab-'))
  const files = {sources: join(scratch, 'sources.list'), aptOptions: join(scratch, 'apt.conf')}
  try {
    writeFileSync(files.sources, `${debianSources().join('\n')}\n`)
    writeFileSync(files.aptOptions, `${await aptOptions()}\n`)
    await action(files)
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

/** Runs a command in namespaces of its own that die with this process: interrupted, it leaves files only, and no mount. */
export const inJail = (command: readonly string[]): readonly string[] => [...jail, ...command]

const jail = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'unshare',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const

/** The cached root file system of a Debian with some packages, built where it is absent; not to be written to. */
export async function ensureDebianRoot(name: string, packages: readonly string[], log: Log): Promise<string> {
  const root = join(imageCache, `${name}-${digest([labRelease, ...packages].join('\n')).slice(0, 16)}`)
  await ensureBuilt(root, log, `root file system with ${packages.join(', ')}`, partial =>
    withDebianSources(async ({sources, aptOptions: aptopt}) => {
      const options = ['--mode=root', '--variant=minbase', '--format=directory', `--include=${packages.join(',')}`]
      await must(inJail(['mmdebstrap', ...options, `--aptopt=${aptopt}`, labRelease, partial, sources]), {
        env: {DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C'},
      })
    }),
  )
  return root
}
