import type {DrillFault, DrillPath, PairDrill, Scenario} from './model.ts'
import type {DrillSettings} from './schema.ts'

/** What is asked of the pair to know which scenarios can be played on it. */
export type PairGround = {
  readonly pair: string
  readonly hosts: readonly string[]
  /** Hosts of the play that stand in for it. */
  readonly standIns: readonly string[]
  /** Links that every host of the pair has. */
  readonly links: ReadonlySet<string>
  /** Roles that the site playbook applies to the pair. */
  readonly roles: ReadonlySet<string>
  /** Hosts of the group `probes`. */
  readonly probes: ReadonlySet<string>
}

export type DrillProblem = {readonly path: readonly (string | number)[]; readonly what: string; readonly fix: string}

/** Settings as they were written to what is played, with everything that contradicts the inventory. */
export const readDrill = (
  settings: DrillSettings,
  ground: PairGround,
): {readonly drill: PairDrill; readonly problems: readonly DrillProblem[]} => {
  const paths = Object.entries(settings.paths).map(([name, path]): DrillPath => ({name, ...path}))
  const scenarios = settings.scenarios.map(each => scenarioOf(each, paths, ground))
  return {
    drill: {
      pair: ground.pair,
      hosts: ground.hosts,
      standIns: ground.standIns,
      paths,
      scenarios,
      beforeSeconds: settings.before,
      afterSeconds: settings.after,
      settleSeconds: settings.settle,
      ...(settings.restore !== undefined &&
        ground.roles.has(settings.restore.split('.')[0] ?? '') && {restore: settings.restore}),
    },
    problems: [...pathProblems(paths, ground), ...scenarioProblems(settings, ground)],
  }
}

type Written = DrillSettings['scenarios'][number]
type WrittenFault = Written['faults'][number]

const scenarioOf = (written: Written, paths: readonly DrillPath[], ground: PairGround): Scenario => {
  const reason = written.faults.map(fault => lackOf(fault, ground)).find(each => each !== undefined)
  return {
    id: written.id,
    title: written.title,
    breaks: written.breaks,
    faults: written.faults.map(faultOf),
    holdSeconds: written.hold,
    holder: written.holder,
    outageSeconds: written.outage,
    ...(written.goal !== undefined && {goalSeconds: written.goal}),
    sessionsLost: written.sessions_lost,
    notices: written.notices,
    paths: written.paths ?? paths.map(({name}) => name),
    ...(reason !== undefined && {leftOut: reason}),
  }
}

const lackOf = (
  {task, args = {}, hand, link, on}: WrittenFault,
  {roles, pair, standIns}: PairGround,
): string | undefined => {
  if (on === 'cold' && standIns.length === 0) return `no host of the play stands in for ${pair}`
  const role = task?.split('.')[0]
  if (role !== undefined && on !== 'cold' && !roles.has(role)) return `the site has no role ${role}`
  if (isNone(link) && (hand === 'cut' || hand === 'degrade')) return 'the inventory names no such link'
  const empty = Object.keys(args).find(name => isNone(args[name]))
  return empty === undefined ? undefined : `the inventory says nothing for '${empty}' of ${task}`
}

/** An expression that gives nothing gives an empty text. */
const isNone = (value: unknown): boolean => value === null || value === ''

const faultOf = ({task, args = {}, hand, link, delay, loss, on, wait}: WrittenFault): DrillFault =>
  task === undefined
    ? {by: 'hand', hand: hand ?? 'cut', ...(typeof link === 'string' && {link}), delay, loss, on, wait}
    : {by: 'task', task, args, on, wait}

const pathProblems = (paths: readonly DrillPath[], {probes}: PairGround): DrillProblem[] =>
  paths.flatMap(({name, from, to, address, port, ping}, index) => {
    const path = ['paths', name]
    const found: DrillProblem[] = []
    const other = paths.slice(0, index).find(each => to !== undefined && each.to === to && each.port === port)
    if (other)
      found.push({
        path,
        what: `the paths '${other.name}' and '${name}' both want port ${port} of ${to}`,
        fix: "give one of them another 'port'",
      })
    for (const host of [from, to])
      if (host !== undefined && !probes.has(host))
        found.push({
          path,
          what: `the path '${name}' is measured on ${host}, which is not in the group 'probes'`,
          fix: probes.size > 0 ? `known: ${[...probes].join(', ')}` : "add a group 'probes' to the inventory",
        })
    if (ping === undefined && (to === undefined || address === undefined))
      found.push({path, what: `the path '${name}' has no other end`, fix: "add 'to' and 'address', or 'ping'"})
    return found
  })

const scenarioProblems = ({scenarios, paths}: DrillSettings, {links, hosts}: PairGround): DrillProblem[] => {
  const ids = scenarios.map(({id}) => id)
  return scenarios.flatMap(({id, faults, paths: counted = [], goal, outage}, index) => {
    const at = ['scenarios', index]
    const found: DrillProblem[] = []
    if (ids.indexOf(id) < index)
      found.push({path: [...at, 'id'], what: `two scenarios are called '${id}'`, fix: 'rename one'})
    for (const name of counted)
      if (!Object.hasOwn(paths, name))
        found.push({
          path: [...at, 'paths'],
          what: `the scenario '${id}' measures the path '${name}', which does not exist`,
          fix: `known: ${Object.keys(paths).join(', ')}`,
        })
    if (goal !== undefined && goal > outage)
      found.push({
        path: [...at, 'goal'],
        what: `the goal of '${id}' (${goal} s) is above its budget (${outage} s)`,
        fix: 'lower the goal',
      })
    for (const {task, hand, link} of faults) {
      if ((task === undefined) === (hand === undefined))
        found.push({
          path: at,
          what: `a fault of '${id}' must be either a task or a hand`,
          fix: "write 'task' or 'hand'",
        })
      if ((hand === 'cut' || hand === 'degrade') && link === undefined)
        found.push({path: at, what: `'${hand}' of '${id}' names no cable`, fix: "add 'link'"})
      if (typeof link === 'string' && link !== '' && !links.has(link))
        found.push({
          path: at,
          what: `'${id}' is about the link '${link}', which not every one of ${hosts.join(', ')} has`,
          fix: `known: ${[...links].join(', ')}`,
        })
    }
    return found
  })
}
