import {$, defineRole, directory, file, handler, links, pkg, Secret, service, sysctl} from 'gatewright'
import {diagnosis} from './diagnosis/index.ts'
import {events} from './events.ts'
import {kernelHasWireguard} from './facts.ts'
import {health} from './health.ts'
import {offers, sysctls} from './offers.ts'
import {endpointsPlace, otherPlaces} from './pair.ts'
import {confOf, nextKeyOf, programs, settingsDirectory, unitFile, unitOf} from './places.ts'
import {problems} from './problems.ts'
import {hostPrograms} from './programs/index.ts'
import {onlyDevices} from './resources/only-devices.ts'
import {schema} from './schema.ts'
import {settings} from './templates/settings.ts'
import {deviceConf, endpointsService, endpointsSocket, endpointsUnit, watchUnit} from './templates/units.ts'
import {hookPath, vrrpHook} from './templates/vrrp-hook.ts'
import {wgConf} from './templates/wg-conf.ts'
import {deviceViews} from './view.ts'

const units = '/etc/systemd/system'

export default defineRole({
  name: 'wireguard',
  schema,
  packages: ['wireguard-tools', 'wireguard-go'],
  facts: {links, kernelHasWireguard},
  problems: context => problems(context),
  offers,
  health,
  events,
  diagnosis,
  resources({vars, facts, host, peers}) {
    const views = deviceViews(vars, facts, host)
    const restart = handler(service.restart('gatewright-wireguard'))
    const place = endpointsPlace({vars, host, peers})
    return [
      pkg({
        name: 'wireguard-tools',
        provides: {
          units: [{name: 'wg-quick@', enabled: false}],
          directories: ['/etc/wireguard'],
          commands: ['wg', 'wg-quick'],
        },
      }),
      ...(facts.kernelHasWireguard ? [] : [pkg({name: 'wireguard-go', provides: {commands: ['wireguard-go']}})]),
      ...sysctls(vars, host).map(({key, value}) => sysctl({key, value})),
      directory({path: '/etc/gatewright'}),
      directory({path: settingsDirectory}),
      directory({path: programs}),
      ...hostPrograms.map(({name, content, mode, isWatcher}) =>
        file({path: `${programs}/${name}`, content, mode, notify: isWatcher ? [restart] : []}),
      ),
      onlyDevices({names: views.map(({name}) => name)}),
      ...views.flatMap(view => {
        const unit = unitOf(view.name)
        const reload = handler(service.reload(unit))
        return [
          directory({path: `${units}/${unit}.service.d`}),
          file({path: `${units}/${unit}.service.d/gatewright.conf`, content: deviceConf}),
          view.nextPrivateKey
            ? file({
                path: nextKeyOf(view.name),
                content: new Secret(`${view.nextPrivateKey.reveal()}\n`),
                mode: '0600',
                notify: [reload],
              })
            : file({path: nextKeyOf(view.name), state: 'absent'}),
          file({path: `${settingsDirectory}/${view.name}`, content: settings(view), notify: [reload]}),
          file({
            path: confOf(view.name),
            content: wgConf(view),
            mode: '0600',
            validate: candidate => $`${programs}/wireguard-check ${candidate}`,
            notify: [reload],
          }),
          // Who follows VRRP is started by the watcher.
          view.follow === undefined
            ? service({name: unit, enabled: true, running: true})
            : service({name: unit, enabled: false}),
        ]
      }),
      file({
        path: '/etc/gatewright/wireguard.peers',
        content: otherPlaces({vars, host, peers})
          .map(line => `${line}\n`)
          .join(''),
      }),
      file({path: unitFile, content: watchUnit, notify: [restart]}),
      ...(place === undefined
        ? []
        : [
            file({path: `${units}/${endpointsUnit}@.service`, content: endpointsService}),
            file({
              path: `${units}/${endpointsUnit}.socket`,
              content: endpointsSocket(place),
              notify: [handler(service.restart(`${endpointsUnit}.socket`))],
            }),
            service({name: `${endpointsUnit}.socket`, enabled: true, running: true}),
          ]),
      directory({path: '/etc/gatewright/vrrp.d'}),
      file({path: hookPath, content: vrrpHook, mode: '0755'}),
      service({name: 'gatewright-wireguard', enabled: true, running: true}),
    ]
  },
})
