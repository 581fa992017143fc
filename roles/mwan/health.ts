import {$, type Health, type HealthCheck} from 'gatewright'

/** Written each second by the tracker; older than this it is no news. */
const freshS = 10

/** The tracker runs and knows a way out. */
export const health = (): readonly HealthCheck[] => [
  {
    name: 'mwan tracker',
    command: $`
[ -e /etc/systemd/system/gatewright-mwan.service ] || { echo none; exit 0; }
systemctl is-active gatewright-mwan
date +%s
cat /run/gatewright/mwan/state.json 2>/dev/null || :`,
    parse: ({stdout}) => judge(stdout),
  },
]

type State = {readonly time: number; readonly uplinks: readonly {readonly name: string; readonly state: string}[]}

export const judge = (text: string): Health => {
  const [active = '', now = '', ...json] = text.split('\n')
  if (active === 'none') return {is: 'absent'}
  if (active !== 'active') return {is: 'sick', reason: `gatewright-mwan is ${active || 'unknown'}`}
  const state = stateIn(json.join('\n'))
  if (state === undefined) return {is: 'sick', reason: 'the tracker has written no state yet'}
  const age = Number(now) - state.time
  if (age > freshS) return {is: 'sick', reason: `the state of the tracker is ${age} s old`}
  return state.uplinks.some(uplink => uplink.state !== 'down')
    ? {is: 'healthy'}
    : {is: 'sick', reason: 'every uplink is down'}
}

const stateIn = (text: string): State | undefined => {
  try {
    return JSON.parse(text) as State
  } catch {
    return undefined
  }
}
