import {waysOf} from '../checks/conf.ts'
import {type Watched, type Way, watchesOf} from '../watched.ts'
import {type Group, groupOf, orZero, placeOf, type Rule, series} from './rule.ts'

/** What of the business is reached, over each way and over any. */
export const checks = (hosts: readonly Watched[]): Group => {
  const rules = hosts.flatMap(host =>
    watchesOf(host, 'check').flatMap(({name, via}) => {
      const ways = waysOf({...(via && {via})}, host.ways)
      return [
        ...(ways.length > 1 ? ways.map(way => failsOnWay(host, name, way)) : []),
        ...(ways.length > 0 ? [fails(host, name, ways)] : []),
      ]
    }),
  )
  // What moves with the master is reached by the pair.
  return {name: 'checks', rules: [...new Map(rules.map(rule => [JSON.stringify(rule), rule])).values()]}
}

/** Over ways that only the master has, the pair reaches it. */
const ownerOf = (host: Watched, ways: readonly Way[]) =>
  host.pair !== undefined && ways.every(({follows}) => follows)
    ? {labels: groupOf(host), selector: {pair: host.pair}, who: `the pair ${host.pair}`}
    : {labels: placeOf(host), selector: {host: host.name}, who: host.name}

const failsOnWay = (host: Watched, check: string, way: Way): Rule => {
  const {labels, selector, who} = ownerOf(host, [way])
  return {
    alert: 'CheckFailsOnWay',
    expr: `${orZero(series('gatewright_check_up', {...selector, check, via: way.name}))} == 0`,
    forSeconds: 60,
    severity: 'warning',
    summary: `${check} is not reached by ${who} over ${way.name}`,
    action:
      'is the uplink or the tunnel up (gatewright status)? journalctl -u gatewright-monitoring@checks on the host',
    labels: {...labels, check, via: way.name},
  }
}

const fails = (host: Watched, check: string, ways: readonly Way[]): Rule => {
  const {labels, selector, who} = ownerOf(host, ways)
  return {
    alert: 'CheckFails',
    expr: `${orZero(series('gatewright_check_up', {...selector, check}))} == 0`,
    forSeconds: 60,
    severity: 'critical',
    summary: `${check} is not reached by ${who} over ${ways.map(({name}) => name).join(', ')}`,
    action: 'is it down itself? gatewright status; journalctl -u gatewright-monitoring@checks on the host',
    labels: {...labels, check},
  }
}
