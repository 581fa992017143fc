import {InvalidInput, type Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {placeOf, spotOf} from '../diagnostics/positions.ts'
import {readDrill} from '../drill/read-drill.ts'
import {type DrillSettings, drillSchema} from '../drill/schema.ts'
import {coerceParameters} from './coerce-parameters.ts'
import type {DrillCall, FleetHost, TaskCall} from './model.ts'
import {attempt, type PlayContext} from './play-context.ts'
import {refuseSections} from './refuse-sections.ts'
import type {Scope} from './scope.ts'
import {validate} from './validate.ts'

/** Hosts of this group measure. */
const probeGroup = 'probes'

/** The drills of a play: one for each pair among its hosts, its settings as the first of them sees the variables. */
export const buildDrills = async (play: PlayContext, chosen: readonly string[]): Promise<readonly DrillCall[]> => {
  const {findings, play: written} = play
  const at = spotOf(written.raw, 'drill')?.value ?? written.at
  refuseSections('drill', 'the gateways are left as they were found', play)
  const all = chosen.flatMap(name => play.fleet.get(name) ?? [])
  const hosts = all.filter(({host}) => host.standsInFor === undefined)
  const drills: DrillCall[] = []
  for (const [pair, members] of Map.groupBy(hosts, ({host}) => host.pair)) {
    const lack = pair === undefined ? undefined : missing(pair, members, play.fleet)
    if (pair === undefined || lack !== undefined) {
      const names = members.map(({name}) => name).join(', ')
      findings.add({
        rule: 'drill-pair',
        what: pair === undefined ? `${names} has no peer to fail over to` : `a drill needs both gateways of ${pair}`,
        fix: lack === undefined ? "give both gateways the same 'pair'" : `take ${lack} into the play and --limit`,
        at,
      })
      continue
    }
    const standIns = all.filter(({host}) => host.standsInFor === pair)
    const drill = await buildDrill(pair, members, standIns, at, play)
    if (drill) drills.push(drill)
  }
  return drills
}

const missing = (
  pair: string,
  members: readonly FleetHost[],
  fleet: ReadonlyMap<string, FleetHost>,
): string | undefined =>
  [...fleet.values()].find(({name, host}) => host.pair === pair && !members.some(member => member.name === name))?.name

const buildDrill = async (
  pair: string,
  members: readonly FleetHost[],
  standIns: readonly FleetHost[],
  at: Position,
  play: PlayContext,
): Promise<DrillCall | undefined> => {
  const {findings, fleet, appliedRoles, inventory} = play
  const [first = ''] = members.map(({name}) => name)
  const scope = play.hosts.get(first)
  if (!scope) return undefined
  const settings = settingsOf(first, scope, at, play)
  if (!settings) return undefined
  const links = members.map(({host}) => new Set(Object.keys(host.links)))
  const {drill, problems} = readDrill(settings, {
    pair,
    hosts: members.map(({name}) => name),
    standIns: standIns.map(({name}) => name),
    links: links.reduce((all, each) => all.intersection(each)),
    roles: appliedRoles,
    probes: new Set([...fleet.keys()].filter(name => inventory.groupsOf(name).includes(probeGroup))),
  })
  for (const {path, what, fix} of problems)
    findings.add({rule: 'drill', what, fix, host: first, at: placeOf(play.play.raw['drill'], path) ?? at})
  const scenarios = chosen(drill.scenarios, at, play)
  const calls = new Map<string, TaskCall>()
  const tasks = scenarios.flatMap(({faults, leftOut}) =>
    leftOut === undefined ? faults.flatMap(fault => (fault.by === 'task' ? [fault.task] : [])) : [],
  )
  for (const task of new Set([...tasks, ...(drill.restore === undefined ? [] : [drill.restore])])) {
    const call = await callOf(task, [...members, ...standIns], at, play)
    if (call) calls.set(task, call)
  }
  return {drill: {...drill, scenarios}, calls}
}

const settingsOf = (host: string, scope: Scope, at: Position, play: PlayContext): DrillSettings | undefined => {
  const opened = attempt(play.findings, host, at, () => scope.value(play.play.raw['drill'], at))
  if (opened === 'later')
    play.findings.add({
      rule: 'needs-facts',
      what: "'drill' uses facts or results",
      why: 'what a drill can break is known before the first connection',
      fix: 'use variables of the inventory or the play',
      at,
    })
  if (typeof opened === 'string') return undefined
  const settings = withNumbers(opened.value)
  const problems = validate(drillSchema, settings, {owner: "'drill'", at})
  for (const problem of problems) play.findings.add({...problem, host})
  return problems.length > 0 ? undefined : (settings as DrillSettings)
}

/** What an expression gives is text, also for `hold` and `outage`. Of faults a null means something, and stays. */
const withNumbers = (settings: unknown): unknown => {
  const {faults: _faults, ...scenario} = drillSchema.properties.scenarios.items.properties
  const scenarios = {type: 'array', items: {properties: scenario}}
  return coerceParameters({properties: {scenarios}}, settings)
}

/** What `--scenario` leaves. */
const chosen = (
  scenarios: DrillCall['drill']['scenarios'],
  at: Position,
  {scenarios: wanted, findings}: PlayContext,
) => {
  if (wanted === undefined) return scenarios
  const known = scenarios.map(({id}) => id)
  for (const id of wanted.filter(each => !known.includes(each)))
    findings.add({
      rule: 'unknown-scenario',
      what: `the drill has no scenario '${id}'`,
      fix: suggest(id, known) ?? 'see --list',
      at,
    })
  return scenarios.filter(({id}) => wanted.includes(id))
}

const callOf = async (
  task: string,
  members: readonly FleetHost[],
  at: Position,
  play: PlayContext,
): Promise<TaskCall | undefined> => {
  const {directory} = play.play
  const [roleName = '', taskName = ''] = task.split('.')
  const found = await play.roles.load(roleName, directory, at)
  const functions = found && (await play.roles.task(found, taskName, at))
  if (!found || !functions) return undefined
  const scopes = new Map(
    members.flatMap(({name}) => (play.hosts.has(name) ? [[name, play.hosts.get(name) as Scope]] : [])),
  )
  const place = {at, others: play.roles.names(directory), home: play.home, become: () => 'root'}
  const call = play.calls.add(found, scopes, place)
  return Object.assign(call, {
    task,
    ...functions,
    argsFor: (): never => {
      throw new InvalidInput([{rule: 'drill', what: `the arguments of ${task} are those of a fault`}])
    },
  })
}
