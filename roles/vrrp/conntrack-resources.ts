import {directory, file, type Host, handler, pkg, type Resource, service} from 'gatewright'
import {conntrackView} from './conntrack-view.ts'
import {conntrackHook, conntrackHookPath} from './templates/conntrack-hook.ts'
import {conntrackdConf} from './templates/conntrackd-conf.ts'
import {readyPath, readyScript} from './templates/ready-script.ts'
import {conntrackdUnitConf, readyUnit} from './templates/units.ts'
import type {Member, VrrpVars} from './view.ts'

const units = '/etc/systemd/system'
const restart = handler(service.restart('conntrackd'))

/** Its configuration comes before the package, which keeps what is there (--force-confold): so nothing is unknown beforehand. */
export const conntrackPackages = (vars: VrrpVars, host: Host, peers: readonly Member[]): readonly Resource[] => [
  directory({path: '/etc/conntrackd'}),
  file({
    path: '/etc/conntrackd/conntrackd.conf',
    content: conntrackdConf(conntrackView(vars, host, peers)),
    mode: '0600',
    notify: [restart],
  }),
  pkg({name: 'conntrackd', provides: {units: ['conntrackd']}}),
  pkg({name: 'conntrack', provides: {commands: ['conntrack']}}),
]

/** conntrackd, its part in a change of the master, and what keeps a gateway from being master before it knows anything. */
export const conntrackResources = (vars: VrrpVars, host: Host, peers: readonly Member[]): readonly Resource[] => {
  const view = conntrackView(vars, host, peers)
  return [
    directory({path: `${units}/conntrackd.service.d`}),
    file({path: `${units}/conntrackd.service.d/gatewright.conf`, content: conntrackdUnitConf, notify: [restart]}),
    service({name: 'conntrackd', enabled: true, running: true, masked: false}),
    file({path: conntrackHookPath, content: conntrackHook(view), mode: '0755'}),
    file({path: readyPath, content: readyScript({timeout: vars.ready_timeout}), mode: '0755'}),
    file({path: `${units}/gatewright-vrrp-ready.service`, content: readyUnit}),
    service({name: 'gatewright-vrrp-ready', enabled: true, running: true}),
  ]
}
