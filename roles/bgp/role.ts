import {
  $,
  defineRole,
  directory,
  file,
  handler,
  links,
  packageVersion,
  pkg,
  Secret,
  service,
  sockets,
  sysctl,
} from 'gatewright'
import {events} from './events.ts'
import {health} from './health.ts'
import {liveFacts, liveProblems} from './live-problems.ts'
import {offers, sysctls} from './offers.ts'
import {announceProgram, announceUnit, frrFile, watchProgram, watchUnit} from './places.ts'
import {problems} from './problems.ts'
import {runningConfig} from './resources/running-config.ts'
import {schema} from './schema.ts'
import {bgpAnnounce, notifyHook} from './templates/bgp-announce.ts'
import {bgpWatch} from './templates/bgp-watch.ts'
import {frrConf} from './templates/frr-conf.ts'
import {announceService, daemons, vtyshConf, watchService} from './templates/units.ts'
import {validateFrrConf} from './validate.ts'
import {bgpView, checkDevices, frrVersion} from './view.ts'

/** What Debian's package brings. */
const packaged = ['daemons', 'frr.conf', 'vtysh.conf'].map(name => ({
  path: `/etc/frr/${name}`,
  mode: '0640',
  owner: 'frr',
  group: 'frr',
}))

export default defineRole({
  name: 'bgp',
  schema,
  packages: ['frr', 'frr-pythontools'],
  facts: {links, sockets, frr: packageVersion('frr')},
  offers,
  problems,
  liveFacts,
  liveProblems,
  health,
  events,
  resources({vars, facts, host, peers, offers}) {
    const view = bgpView(vars, host, peers, frrVersion(facts))
    checkDevices(view, facts, host, offers)
    const conf = frrConf(view)
    const hasPassword = view.sessions.some(({password}) => password !== undefined)
    const restart = handler(service.restart('frr'))
    const announce = handler(service.restart(announceUnit))
    const watch = handler(service.restart(watchUnit))
    const unit = (name: string, content: string, program: string, text: string, handler: typeof watch) => [
      file({
        path: program,
        content: text,
        mode: '0755',
        validate: candidate => $`sh -n ${candidate}`,
        notify: [handler],
      }),
      file({path: `/etc/systemd/system/${name}.service`, content, notify: [handler]}),
      service({name, enabled: true, running: true}),
    ]
    return [
      pkg({
        name: ['frr', 'frr-pythontools'],
        provides: {
          units: ['frr'],
          users: ['frr'],
          groups: ['frr', 'frrvty'],
          directories: ['/etc/frr'],
          files: packaged,
        },
      }),
      ...sysctls.map(([key, value]) => sysctl({key, value})),
      file({path: '/etc/frr/daemons', content: daemons, mode: '0640', owner: 'frr', group: 'frr', notify: [restart]}),
      file({path: '/etc/frr/vtysh.conf', content: vtyshConf, mode: '0640', owner: 'frr', group: 'frr'}),
      file({
        path: frrFile,
        content: hasPassword ? new Secret(conf) : conf,
        mode: '0640',
        owner: 'frr',
        group: 'frr',
        validate: validateFrrConf,
        notify: [handler(service.reload('frr'))],
      }),
      directory({path: '/etc/gatewright'}),
      directory({path: '/etc/gatewright/vrrp.d'}),
      directory({path: '/usr/local/lib/gatewright'}),
      ...unit(announceUnit, announceService, announceProgram, bgpAnnounce(view), announce),
      file({path: '/etc/gatewright/vrrp.d/20-bgp', content: notifyHook(announceProgram), mode: '0755'}),
      service({name: 'frr', enabled: true, running: true, masked: false}),
      runningConfig({unit: 'frr', file: frrFile}),
      ...unit(watchUnit, watchService, watchProgram, bgpWatch(view), watch),
    ]
  },
})
