import type {Fleet} from '../playbook/model.ts'
import {table} from './columns.ts'

/** `gatewright drill --list`: the scenarios of each pair, in their order, and which of them it cannot play. */
export const drillList = (fleet: Fleet, width: number): string =>
  fleet.plays
    .flatMap(({drills = []}) => drills)
    .map(({drill}) => {
      const rows = drill.scenarios.map(({id, title, outageSeconds, goalSeconds, leftOut}) => [
        id,
        `${outageSeconds} s`,
        goalSeconds === undefined ? '' : `${goalSeconds} s`,
        leftOut === undefined ? title : `${title} (left out: ${leftOut})`,
      ])
      return `${drill.pair}: ${drill.hosts.join(', ')}\n${table(['SCENARIO', 'BUDGET', 'GOAL', 'WHAT HAPPENS'], rows, width)}`
    })
    .join('\n')
