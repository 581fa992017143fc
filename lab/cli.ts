import {spawnSync} from 'node:child_process'
import {Command, Option} from 'commander'
import {down} from './down.ts'
import {enterCommand, leaderPid} from './exec.ts'
import {cut, degrade, freeze, heal, healHost, kill, reboot, reset, thaw} from './faults.ts'
import {makeKeys} from './keys.ts'
import {messageOf} from './message-of.ts'
import {upWithProgress} from './progress.ts'
import type {Passing} from './protocol.ts'
import {providersConf} from './providers.ts'
import {status, statusLines} from './status.ts'
import {LabUsageError, loadTopology, standardTopologyFile, type Topology} from './topology.ts'

const exitCodes = {failed: 3, usage: 5}
const topologyOption = new Option('-t, --topology <file>', 'topology file that describes the lab').default(
  standardTopologyFile,
  'lab/topology.yml',
)

/** The command `lab` with all that it can do; it sets process.exitCode: 0, 3 failed, 5 usage or nothing for a lab here. */
export function labCommand(): Command {
  const lab = new Command('lab').description(
    'Real Linux hosts on this machine, built from namespaces, to play and drill on',
  )
  // So that options after the host of `exec` belong to the command that runs there.
  lab.enablePositionalOptions()
  lab.exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : exitCodes.usage))
  const command = (usage: string, description: string, examples: string[]) =>
    lab
      .command(usage)
      .description(description)
      .addOption(topologyOption)
      .addHelpText('after', ['\nExamples:', ...examples.map(example => `  gatewright lab ${example}`)].join('\n'))

  command('up', 'Bring the lab up, or what is missing of it', ['up', 'up --topology my/three-uplinks.yml']).action(
    options => act(upWithProgress)(options),
  )
  command('down', 'Remove everything of the lab but its keys and the cached image', ['down']).action(options =>
    act(down)(options),
  )
  command('keys', 'Make the keys only, for `vagrant up`', ['keys']).action(options => act(makeKeys)(options))
  command('providers <host>', "Print frr.conf of a host that is the providers' router, for `vagrant up`", [
    'providers upstream',
  ]).action((host: string, options: Options) =>
    act(async topology => console.log(providersConf(topology, host)))(options),
  )
  command('status', 'List hosts, ports and links', ['status', 'status --json'])
    .option('--json', 'print it for programs')
    .action((options: Options & {json?: boolean}) =>
      act(async topology => {
        const found = await status(topology)
        console.log(options.json ? JSON.stringify(found, undefined, 2) : statusLines(found).join('\n'))
      })(options),
    )
  command('exec <host> <command...>', 'Run a command as root inside a host, past its network', [
    'exec gw1 ip -brief address',
    "exec gw1 -- sh -c 'systemctl --failed; nft list ruleset'",
  ])
    .passThroughOptions()
    .action((host: string, argv: string[], options: Options) =>
      act(topology => execInHost(topology, host, argv))(options),
    )

  command('cut <host> <link>', 'Pull the cable of a link: the host sees NO-CARRIER', [
    'cut gw1 wan-a',
    'cut gw1 wan-a --for 20',
  ])
    .addOption(forOption())
    .action((host: string, link: string, options: Options & For) =>
      act(topology => cut(topology, host, link, passing(options)))(options),
    )
  command(
    'heal <host> [link]',
    'Plug the cable in, and take delay, loss and rate away; without a link, make the whole host well',
    ['heal gw1 wan-a', 'heal gw1'],
  ).action((host: string, link: string | undefined, options: Options) =>
    act(topology => (link === undefined ? healHost(topology, host) : heal(topology, host, link)))(options),
  )
  for (const [name, action, description] of [
    ['kill', kill, 'Power cut; the host stays off until heal, up, reboot or reset'],
    ['freeze', freeze, 'Stop all processes of a host: it hangs'],
  ] as const)
    command(`${name} <host>`, description, [`${name} gw1`, `${name} gw1 --for 20`])
      .addOption(forOption())
      .action((host: string, options: Options & For) =>
        act(topology => action(topology, host, passing(options)))(options),
      )
  for (const [name, action, description] of [
    ['thaw', thaw, 'Let a frozen host go on'],
    ['reboot', reboot, 'Reboot a host, or switch it on, and wait for it'],
  ] as const)
    command(`${name} <host>`, description, [`${name} gw1`]).action((host: string, options: Options) =>
      act(topology => action(topology, host))(options),
    )
  command('degrade <host> <link>', 'Make a link slow, lossy or narrow, in each direction; heal ends it', [
    'degrade gw1 wan-a --delay 40 --loss 1 --rate 20',
    'degrade gw2 sync --loss 30',
  ])
    .option('--delay <ms>', 'delay in milliseconds', Number)
    .option('--loss <percent>', 'lost frames in percent', Number)
    .option('--rate <mbit>', 'rate in Mbit/s', Number)
    .addOption(forOption())
    .action((host: string, link: string, options: Options & For & {delay?: number; loss?: number; rate?: number}) =>
      act(topology => {
        const {delay = 0, loss = 0, rate = 0} = options
        if (delay === 0 && loss === 0 && rate === 0)
          throw new LabUsageError('say what to degrade: --delay, --loss or --rate')
        return degrade(topology, host, link, {delayMs: delay, lossPercent: loss, rateMbit: rate}, passing(options))
      })(options),
    )
  command('reset [host...]', 'Pristine disks and whole cables, for all hosts or those named', [
    'reset',
    'reset gw1 gw2',
  ]).action((hosts: string[], options: Options) =>
    act(topology => reset(topology, hosts.length > 0 ? hosts : undefined))(options),
  )
  return lab
}

interface Options {
  topology: string
}
interface For {
  for?: number
}

function forOption(): Option {
  return new Option('--for <seconds>', 'the lab itself undoes it after this time').argParser(Number)
}

function passing({for: forSeconds}: For): Passing {
  return forSeconds === undefined ? {} : {forSeconds}
}

function act(action: (topology: Topology) => Promise<void>): (options: Options) => Promise<void> {
  return withExitCode(({topology}) => action(loadTopology(topology)))
}

function withExitCode(action: (options: Options) => Promise<void>): (options: Options) => Promise<void> {
  return async options => {
    try {
      await action(options)
    } catch (error) {
      console.error(`gatewright lab: ${messageOf(error)}`)
      process.exitCode = error instanceof LabUsageError ? exitCodes.usage : exitCodes.failed
    }
  }
}

async function execInHost(topology: Topology, host: string, argv: string[]): Promise<void> {
  const [program = '', ...rest] = enterCommand(await leaderPid(topology, host), argv[0] === '--' ? argv.slice(1) : argv)
  const {status: code} = spawnSync(program, rest, {stdio: 'inherit'})
  process.exitCode = code ?? exitCodes.failed
}
