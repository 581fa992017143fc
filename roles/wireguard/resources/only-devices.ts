import {$, type Kind, resourceOf} from 'gatewright'
import {confOf, keptDirectory, nextKeyOf, programs, settingsDirectory, unitOf} from '../places.ts'

/** Names of the devices that there should be. */
export type OnlyDevicesDesired = {readonly names: readonly string[]}

/**
 * That no device is left which this role has made and the variables do not name any more. Its settings say that it was made here;
 * devices of others stay. Its routes and rules go first, then the settings, by which the watcher would make it again.
 */
export const onlyDevicesKind: Kind<OnlyDevicesDesired, readonly string[]> = {
  name: 'only-devices',
  identify: () => 'wireguard',
  probe: () => ({
    command: $`ls ${settingsDirectory} 2>/dev/null || :`,
    parse: ({stdout}) => stdout.split('\n').filter(Boolean),
  }),
  diff: ({names}, current) =>
    current.filter(name => !names.includes(name)).map(name => ({path: name, from: 'present', to: 'absent'})),
  steps: (_, changes) =>
    changes.map(({path: name}) => ({
      do: 'run',
      title: `stop ${unitOf(name)} and remove its files`,
      command: $`sed -i '/^\\(rule\\|route\\|main\\) /d' ${settingsDirectory}/${name} && ${programs}/wireguard-routes ${name} || exit
rm -f -- ${settingsDirectory}/${name} && systemctl disable --now -- ${unitOf(name)} || exit
rm -rf -- ${[confOf(name), nextKeyOf(name), `${keptDirectory}/${name}.rotated`, `/etc/systemd/system/${unitOf(name)}.service.d`]} && systemctl daemon-reload`,
    })),
  problems: () => [],
}

/** `onlyDevices({names: ['wg0']})` */
export const onlyDevices = resourceOf(onlyDevicesKind)
