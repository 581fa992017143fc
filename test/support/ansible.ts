import {resolve} from 'node:path'
import {ensureDebianRoot, inJail} from '../../lab/build-root.ts'
import {ensureDebianPackages, labPrograms} from '../../lab/debian-packages.ts'
import {type Result, run} from '../../lab/run.ts'

/** Whether Debian's ansible can be asked on this machine; where it cannot, tests that compare with it are skipped. */
export const ansibleIsHere = process.platform === 'linux' && process.getuid?.() === 0

const packages = ['ansible', 'python3', 'python3-apt', 'openssh-client', 'procps', 'iproute2']
const log = (line: string): void => console.error(line)
let root: Promise<string> | undefined

/** A root file system with Debian's ansible, not to be written to. */
export const ansibleRoot = async (): Promise<string> => {
  await ensureDebianPackages(labPrograms, log)
  return ensureDebianRoot('ansible', packages, log)
}

/** A fresh writable view of the root, kept in memory, with the directory under its own name. */
const enter = `set -eu
root=$1 directory=$2 scratch=$1/mnt
shift 2
mount -t tmpfs -o mode=0755 tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work,volatile" "$scratch/root"
mkdir -p "$scratch/root$directory"
mount --bind "$directory" "$scratch/root$directory"
mount --rbind /dev "$scratch/root/dev"
mount -t proc proc "$scratch/root/proc"
exec chroot "$scratch/root" sh -c 'cd "$1" && shift && exec "$@"' sh "$directory" "$@"
`

/**
 * Runs a command (ansible, ansible-playbook, ansible-inventory, ansible-vault, python3 …) of Debian 12 in a directory of
 * this machine, as root: what it writes below the directory stays, everything else is gone afterwards. Built once (a
 * minute), cached beside the lab's images; the machine itself gets no Python. The network is the machine's.
 *
 *     const {code, stdout, stderr} = await ansible(directory, ['ansible-inventory', '-i', 'hosts', '--list'])
 */
export const ansible = async (
  directory: string,
  command: readonly string[],
  {
    input,
    env = {},
    timeoutMs = 300_000,
  }: {readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number} = {},
): Promise<Result> => {
  root ??= ansibleRoot()
  const base = await root
  const variables = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
    ...env,
  }
  const clean = ['env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]
  return run(inJail([...clean, 'sh', '-c', enter, 'sh', base, resolve(directory), ...command]), {
    timeoutMs,
    ...(input !== undefined && {input}),
  })
}
