import {$, type Kind, resourceOf} from 'gatewright'
import {vrrpState} from '../places.ts'

export type FollowedDesired = {readonly unit: string; readonly name: string}
export type FollowedState = {readonly isMaster: boolean; readonly isActive: boolean}

/** That a unit runs exactly where a VRRP instance is master. The hook sees to changes; this is for what it did not see. */
export const followedKind: Kind<FollowedDesired, FollowedState> = {
  name: 'followed',
  identify: ({unit}) => unit,
  probe: ({unit, name}) => ({
    command: $`
grep -qF ${`"name":"${name}","state":"MASTER"`} ${vrrpState} 2>/dev/null && echo master || echo other
systemctl is-active -- ${unit} || :`,
    parse({stdout}) {
      const [state, active] = stdout.split('\n')
      return {isMaster: state === 'master', isActive: active === 'active' || active === 'activating'}
    },
  }),
  diff: (_desired, {isMaster, isActive}) =>
    isMaster === isActive ? [] : [{path: 'running', from: isActive, to: isMaster}],
  steps: ({unit, name}, [change]) => [
    change?.to === true
      ? {do: 'run', title: `start ${unit}, as ${name} is master here`, command: $`systemctl start -- ${unit}`}
      : {do: 'run', title: `stop ${unit}, as ${name} is not master here`, command: $`systemctl stop -- ${unit}`},
  ],
  problems: () => [],
}

/** `followed({unit: 'openvpn-server@road', name: 'gateway'})` */
export const followed = resourceOf(followedKind)
