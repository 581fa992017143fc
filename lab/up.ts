import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {supervisorGroup} from './cgroup.ts'
import {ask, askIfUp, LabError} from './client.ts'
import {ensureDebianPackages, labPrograms} from './debian-packages.ts'
import {startInGroup} from './group-process.ts'
import {writeIdentity} from './identity.ts'
import {ensureImage} from './image.ts'
import {makeKeys} from './keys.ts'
import {withLock} from './lock.ts'
import {refuseUnfitMachine} from './machine.ts'
import {checkout, runDirectory} from './names.ts'
import type {SupervisorConfig} from './protocol.ts'
import {waitUntilReady} from './ready.ts'
import {siblingModule} from './sibling-module.ts'
import {tearDown} from './tear-down.ts'
import type {Topology} from './topology.ts'

export interface UpOptions {
  log?: (line: string) => void
}

/** One line of progress and the work behind it. */
export interface UpStep {
  title: string
  run: (log: (line: string) => void) => Promise<void>
}

const configFile = (topology: Topology) => join(runDirectory(topology), 'config.json')
const supervisorLog = (topology: Topology) => join(runDirectory(topology), 'supervisor.log')

/** What `up` does, in order; each step does nothing where its result is there already. */
export function upSteps(topology: Topology): UpStep[] {
  let layers: SupervisorConfig['layers'] = {}
  return [
    {title: 'Programs on this machine', run: log => ensureDebianPackages(labPrograms, log)},
    {
      title: 'Image',
      run: async log => {
        layers = await ensureImage(topology, log)
      },
    },
    {title: 'Keys', run: () => makeKeys(topology)},
    {title: 'Supervisor and networks', run: log => ensureSupervisor({topology, checkout, layers}, log)},
    {title: `Hosts ${Object.keys(topology.hosts).join(', ')}`, run: log => bootAll(topology, log)},
  ]
}

/**
 * Brings the lab up, or what is missing of it; resolves when every host answers over SSH and has finished booting.
 * @throws LabUsageError where no lab can run, LabError when something that should work failed
 */
export async function up(topology: Topology, {log = () => undefined}: UpOptions = {}): Promise<void> {
  refuseUnfitMachine()
  await withLock(topology, async () => {
    for (const step of upSteps(topology)) await step.run(log)
  })
}

/**
 * A running supervisor serves if it is this checkout's and has the same topology; otherwise the old lab goes and a new
 * one comes. A newer image alone is no reason to take a lab from under somebody's feet.
 */
async function ensureSupervisor(config: SupervisorConfig, log: (line: string) => void): Promise<void> {
  const {topology} = config
  const text = JSON.stringify(config)
  const running = await askIfUp(topology, {op: 'status'})
  if (running) {
    const old: SupervisorConfig = JSON.parse(readFileSync(configFile(topology), 'utf8'))
    if (old.checkout === checkout && JSON.stringify(old.topology) === JSON.stringify(topology)) {
      if (JSON.stringify(old) !== text)
        log('the lab runs on an older image; `lab down` and `lab up` change to the new one')
      return
    }
    log(`taking over from a lab of ${old.checkout === checkout ? 'another topology' : `the checkout ${old.checkout}`}`)
  }
  await tearDown(topology)
  mkdirSync(runDirectory(topology), {recursive: true})
  for (const host of Object.keys(topology.hosts)) writeIdentity(topology, host)
  writeFileSync(configFile(topology), text)
  startSupervisor(topology)
  await waitForSupervisor(topology)
}

function startSupervisor(topology: Topology): void {
  const argv = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    siblingModule(import.meta, 'supervisor'),
    configFile(topology),
  ]
  startInGroup(topology, supervisorGroup, argv, supervisorLog(topology), {detached: true, cwd: '/'}).unref()
}

async function waitForSupervisor(topology: Topology): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await askIfUp(topology, {op: 'status'}))) {
    const said = readFileSync(supervisorLog(topology), 'utf8').trim()
    if (Date.now() > deadline || /\bError\b/.test(said)) {
      await tearDown(topology)
      throw new LabError(`the lab's supervisor did not start:\n${said}`)
    }
    await sleep(50)
  }
}

async function bootAll(topology: Topology, log: (line: string) => void): Promise<void> {
  await Promise.all(
    Object.keys(topology.hosts).map(async host => {
      const started = Date.now()
      await ask(topology, {op: 'boot', host})
      const note = await waitUntilReady(topology, host)
      log(`${host} answers after ${((Date.now() - started) / 1000).toFixed(1)} s${note}`)
    }),
  )
}
