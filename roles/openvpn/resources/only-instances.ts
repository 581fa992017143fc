import {$, type Kind, resourceOf} from 'gatewright'
import {confOf, etc, filesOf, type Side, unitOf} from '../places.ts'

/** Names of the instances of one side that there should be. */
export type OnlyInstancesDesired = {readonly side: Side; readonly names: readonly string[]}

/**
 * That no instance runs on which this role has made and the variables do not name any more. Its configuration says who has written it;
 * instances of others stay.
 */
export const onlyInstancesKind: Kind<OnlyInstancesDesired, readonly string[]> = {
  name: 'only-instances',
  identify: ({side}) => side,
  probe: ({side}) => ({
    command: $`cd ${etc}/${side} 2>/dev/null || exit 0
grep -l '^# Written by gatewright' *.conf 2>/dev/null | sed 's/[.]conf$//'`,
    parse: ({stdout}) => stdout.split('\n').filter(Boolean),
  }),
  diff: ({names}, current) =>
    current.filter(name => !names.includes(name)).map(name => ({path: name, from: 'present', to: 'absent'})),
  steps: ({side}, changes) =>
    changes.map(({path: name}) => ({
      do: 'run',
      title: `stop ${unitOf(side, name)} and remove its files`,
      command: $`systemctl disable --now -- ${unitOf(side, name)} || exit
rm -rf -- ${[confOf(side, name), filesOf(side, name), `/etc/systemd/system/${unitOf(side, name)}.service.d`]} && systemctl daemon-reload`,
    })),
  problems: () => [],
}

/** `onlyInstances({side: 'server', names: ['road']})` */
export const onlyInstances = resourceOf(onlyInstancesKind)
