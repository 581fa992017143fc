import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {inJail} from '../../lab/build-root.ts'
import {type Result, run} from '../../lab/run.ts'
import {quote} from '../../src/shell/quote.ts'

/** Mounted anew for every command, in a namespace of its own: nothing is left behind on the machine. */
const enter = `set -eu
root=$1 copy=$2 shell=$3
shift 3
mount -t overlay overlay -o "lowerdir=$root,upperdir=$copy/upper,workdir=$copy/work" "$copy/merged"
mount --rbind /dev "$copy/merged/dev"
mount -t proc proc "$copy/merged/proc"
mkdir -p "$(dirname "$copy/merged$shell")"
ln -sf /bin/sh "$copy/merged$shell"
exec chroot "$copy/merged" /bin/sh "$@"
`

/** A Debian that keeps what is done to it: a copy of a root file system that shares what has not changed. */
export class DebianCopy {
  readonly #directory = mkdtempSync(join(tmpdir(), 'gatewright-copy-'))
  /** A program of this machine that is the copy's /bin/sh. */
  readonly shell = join(this.#directory, 'shell')

  constructor(root: string) {
    for (const part of ['upper', 'work', 'merged']) mkdirSync(join(this.#directory, part))
    const start = inJail(['sh', '-c', enter, 'sh', root, this.#directory, this.shell]).map(quote).join(' ')
    writeFileSync(this.shell, `#!/bin/sh\nexec ${start} "$@"\n`)
    chmodSync(this.shell, 0o755)
  }

  /** Runs shell text in it, as root. */
  sh(script: string, input?: string): Promise<Result> {
    return run([this.shell, '-c', `cd /root || exit\n${script}`], {
      timeoutMs: 240_000,
      env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', USER: 'root', LOGNAME: 'root'},
      ...(input !== undefined && {input}),
    })
  }

  remove(): void {
    rmSync(this.#directory, {recursive: true, force: true})
  }
}
