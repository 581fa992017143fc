import {
  defineRole,
  directory,
  file,
  handler,
  links,
  nftAtBoot,
  nftTable,
  pkg,
  routes,
  service,
  sysctl,
} from 'gatewright'
import {diagnosis} from './diagnosis/index.ts'
import {events} from './events.ts'
import {health} from './health.ts'
import {liveFacts, liveProblems} from './live-problems.ts'
import {offers, sysctls} from './offers.ts'
import {problems} from './problems.ts'
import {decideAwk} from './programs/decide.ts'
import {routesSh} from './programs/routes.ts'
import {trackerSh} from './programs/tracker.ts'
import {schema} from './schema.ts'
import {nftRules} from './templates/nft-rules.ts'
import {routesConf} from './templates/routes-conf.ts'
import {trackerConf} from './templates/tracker-conf.ts'
import {unit} from './templates/unit.ts'
import {vrrpHook} from './templates/vrrp-hook.ts'
import {mwanView} from './view.ts'

const packages = ['conntrack', 'fping', 'iproute2', 'nftables']

export default defineRole({
  name: 'mwan',
  schema,
  packages,
  facts: {links, routes},
  problems,
  liveFacts,
  liveProblems,
  offers,
  health,
  diagnosis,
  events,
  resources({vars, facts, host, offers}) {
    const view = mwanView(vars, facts, host, offers)
    const restart = handler(service.restart('gatewright-mwan'))
    const program = (name: string, content: string, mode = '0755') =>
      file({path: `/usr/local/lib/gatewright/${name}`, content, mode, notify: [restart]})
    return [
      pkg({name: packages, provides: {commands: ['conntrack', 'fping', 'ip', 'nft']}}),
      ...sysctls(vars, host).map(({key, value}) => sysctl({key, value})),
      ...nftAtBoot(),
      nftTable({family: 'inet', name: 'gatewright_mwan', rules: nftRules(view), confirm: true, notify: [restart]}),
      directory({path: '/etc/gatewright/mwan'}),
      file({path: '/etc/gatewright/mwan/tracker', content: trackerConf(view), notify: [restart]}),
      file({path: '/etc/gatewright/mwan/routes', content: routesConf(view), notify: [restart]}),
      program('mwan-decide.awk', decideAwk, '0644'),
      program('mwan-routes', routesSh),
      program('mwan-tracker', trackerSh),
      directory({path: '/etc/gatewright/vrrp.d'}),
      // Also where nobody is followed: then no name is the one that it waits for.
      file({path: '/etc/gatewright/vrrp.d/30-mwan', content: vrrpHook(vars.follow), mode: '0755'}),
      file({path: '/etc/systemd/system/gatewright-mwan.service', content: unit, notify: [restart]}),
      service({name: 'gatewright-mwan', enabled: true, running: true}),
    ]
  },
})
