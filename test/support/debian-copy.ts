import {type ChildProcess, spawn} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Result, run} from '../../lab/run.ts'
import {quote} from '../../src/shell/quote.ts'

/** Mounts it in a namespace of its own, which lives as long as this process: nothing is left behind on the machine. */
const hold = `set -eu
root=$1 copy=$2
mount -t overlay overlay -o "lowerdir=$root,upperdir=$copy/upper,workdir=$copy/work" "$copy/merged"
mount --rbind /dev "$copy/merged/dev"
mount --rbind /proc "$copy/merged/proc"
mkdir -p "$copy/merged$copy"
ln -s /bin/sh "$copy/merged$copy/shell"
: >"$copy/ready"
exec sleep infinity
`

const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'USER=root', 'LOGNAME=root', 'LC_ALL=C.UTF-8']

/** A Debian that keeps what is done to it: a copy of a root file system that shares what has not changed. */
export class DebianCopy {
  readonly #directory = mkdtempSync(join(tmpdir(), 'gatewright-copy-'))
  readonly #holder: ChildProcess
  /** A program of this machine that is the copy's /bin/sh. */
  readonly shell = join(this.#directory, 'shell')

  constructor(root: string) {
    for (const part of ['upper', 'work', 'merged']) mkdirSync(join(this.#directory, part))
    const jail = ['--pdeathsig', 'KILL', 'unshare', '--mount', 'sh', '-c', hold, 'sh', root, this.#directory]
    this.#holder = spawn('setpriv', jail, {stdio: ['ignore', 'ignore', 'inherit']})
    const words = [
      'env',
      '-i',
      ...environment,
      'nsenter',
      '--target',
      String(this.#holder.pid),
      '--mount',
      'chroot',
      join(this.#directory, 'merged'),
    ]
    writeFileSync(
      this.shell,
      `#!/bin/sh
until [ -e ${quote(join(this.#directory, 'ready'))} ]; do sleep 0.1; done
exec ${words.map(quote).join(' ')} /bin/sh "$@"
`,
    )
    chmodSync(this.shell, 0o755)
  }

  /** Runs shell text in it, as root. */
  sh(script: string, input?: string): Promise<Result> {
    return run([this.shell, '-c', `cd /root || exit\n${script}`], {
      timeoutMs: 400_000,
      ...(input !== undefined && {input}),
    })
  }

  remove(): void {
    this.#holder.kill('SIGKILL')
    rmSync(this.#directory, {recursive: true, force: true})
  }
}
