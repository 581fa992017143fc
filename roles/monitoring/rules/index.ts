import type {MonitoringVars} from '../vars.ts'
import type {Watched} from '../watched.ts'
import {checks} from './checks.ts'
import {objectives} from './objectives.ts'
import {redundancy} from './redundancy.ts'
import {routing} from './routing.ts'
import type {Group} from './rule.ts'
import {truth} from './truth.ts'
import {tunnels} from './tunnels.ts'
import {upkeep} from './upkeep.ts'
import {uplinks} from './uplinks.ts'

/** Every alert about these hosts. */
export const ruleGroups = (hosts: readonly Watched[], vars: MonitoringVars): readonly Group[] =>
  [
    redundancy(hosts),
    routing(hosts),
    tunnels(hosts),
    uplinks(hosts, vars),
    checks(hosts),
    upkeep(hosts, vars),
    truth(hosts, vars),
    objectives(hosts, vars),
  ].map(group => ({
    ...group,
    rules: group.rules.map(rule => ({...rule, forSeconds: vars.wait[rule.alert] ?? rule.forSeconds})),
  }))
