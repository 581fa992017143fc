import {cpu, defineRole, directory, file, handler, links, pkg, service, sysctl, user} from 'gatewright'
import {diagnosis} from './diagnosis/index.ts'
import {events} from './events.ts'
import {health} from './health.ts'
import {credentialsOnHost, liveProblems} from './live-problems.ts'
import {offers, sysctls} from './offers.ts'
import {account, library} from './places.ts'
import {problems} from './problems.ts'
import {clientResources, serverResources} from './resources/instances.ts'
import {onlyInstances} from './resources/only-instances.ts'
import {schema} from './schema.ts'
import {endProgram} from './templates/end-program.ts'
import {sessionHook} from './templates/session-hook.ts'
import {startProgram} from './templates/start-program.ts'
import {tellProgram} from './templates/tell-program.ts'
import {vrrpHook} from './templates/vrrp-hook.ts'
import {watchConf, watchProgram, watchUnit} from './templates/watch-program.ts'
import {clientsOf, serversOf} from './view.ts'

export default defineRole({
  name: 'openvpn',
  schema,
  packages: ['openvpn'],
  facts: {cpu, links, credentialsOnHost},
  offers,
  problems,
  liveProblems,
  health,
  events,
  diagnosis,
  resources({vars, facts, host}) {
    const servers = serversOf(vars, facts)
    const clients = clientsOf(vars, facts, host)
    const instances = [...servers, ...clients]
    const watch = handler(service.restart('gatewright-openvpn'))
    const program = (name: string, content: string) => file({path: `${library}/${name}`, content, mode: '0755'})
    return [
      pkg({
        name: 'openvpn',
        provides: {
          units: ['openvpn-server@', 'openvpn-client@'],
          directories: ['/etc/openvpn/server', '/etc/openvpn/client'],
          commands: ['openvpn'],
        },
      }),
      user({name: account, system: true, home: '/nonexistent', createHome: false, shell: '/usr/sbin/nologin'}),
      ...sysctls.map(({key, value}) => sysctl({key, value})),
      directory({path: '/etc/gatewright'}),
      directory({path: '/etc/gatewright/vrrp.d'}),
      directory({path: '/etc/gatewright/openvpn'}),
      directory({path: library}),
      program('openvpn-session', sessionHook),
      program('openvpn-start', startProgram),
      program('openvpn-tell', tellProgram),
      program('openvpn-end', endProgram),
      file({path: '/etc/gatewright/vrrp.d/40-openvpn', content: vrrpHook(vars), mode: '0755'}),
      onlyInstances({side: 'server', names: servers.map(({name}) => name)}),
      onlyInstances({side: 'client', names: clients.map(({name}) => name)}),
      ...servers.flatMap(server => serverResources(server, vars.restart_days)),
      ...clients.flatMap(client => clientResources(client, vars.restart_days)),
      file({path: `${library}/openvpn-watch`, content: watchProgram, mode: '0755', notify: [watch]}),
      file({path: '/etc/gatewright/openvpn/watch', content: watchConf(instances)}),
      file({path: '/etc/systemd/system/gatewright-openvpn.service', content: watchUnit, notify: [watch]}),
      service({name: 'gatewright-openvpn', enabled: true, running: true}),
    ]
  },
})
