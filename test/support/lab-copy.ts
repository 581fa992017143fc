import {spawn} from 'node:child_process'
import {cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {
  knownHostsFile,
  loadTopology,
  operatorKey,
  type Result,
  standardTopologyFile,
  type Topology,
} from '../../lab/index.ts'
import {run} from '../../lab/run.ts'
import {root} from './gatewright.ts'

/** The standard topology under a name and ports of its own, so that it runs beside a lab that somebody is using. */
export function standardTopologyAs(
  name: string,
  firstPort: number,
  change: (text: string) => string = text => text,
): Topology {
  const file = join(mkdtempSync(join(tmpdir(), 'gatewright-lab-')), `${name}.yml`)
  const text = readFileSync(standardTopologyFile, 'utf8')
    .replace(/^name: lab$/m, `name: ${name}`)
    .replaceAll(/ssh: 22(\d\d)/g, (_all, tail: string) => `ssh: ${firstPort + Number(tail) - 11}`)
  writeFileSync(file, change(text))
  return loadTopology(file)
}

/** Runs a command on a lab host with this machine's ssh, as an operator would: strict about the host's key. */
export function ssh(topology: Topology, host: string, account: string, command: string, secrets = ''): Promise<Result> {
  const [key, known] =
    secrets === '' ? [operatorKey, knownHostsFile] : [`${secrets}/id_ed25519`, `${secrets}/known_hosts`]
  const options = `-F /dev/null -o BatchMode=yes -o ConnectTimeout=4 -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes
    -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=${known} -i ${key} -p ${topology.hosts[host]?.ssh}`
  return run(['ssh', ...options.split(/\s+/), `${account}@127.0.0.1`, command])
}

/** Another checkout of the lab, with keys of its own. */
export function copyOfCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), 'gatewright-checkout-'))
  cpSync(join(root, 'lab'), join(copy, 'lab'), {recursive: true})
  for (const name of ['node_modules', 'src', 'roles', 'package.json'])
    if (existsSync(join(root, name))) symlinkSync(join(root, name), join(copy, name))
  return copy
}

/** The command line `lab ...` of a checkout. */
export function labCli(argv: readonly string[], checkout = root): Promise<Result> {
  return run([process.execPath, '--disable-warning=ExperimentalWarning', join(checkout, 'lab/main.ts'), ...argv])
}

/** Starts `lab ...` and kills it with SIGKILL after so many milliseconds, or lets it end if it is faster. */
export function labCliKilledAfter(ms: number, argv: readonly string[]): Promise<void> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'lab/main.ts'), ...argv])
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    child.on('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
