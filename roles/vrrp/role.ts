import {$, defineRole, directory, file, flow, handler, links, packageVersion, pkg, service, sysctl} from 'gatewright'
import {problems} from './problems.ts'
import {schema} from './schema.ts'
import {keepalivedConf} from './templates/keepalived-conf.ts'
import {unitConf} from './templates/unit-conf.ts'
import {vrrpView} from './view.ts'

export default defineRole({
  name: 'vrrp',
  schema,
  packages: ['keepalived'],
  facts: {links, keepalived: packageVersion('keepalived')},
  problems,
  offers: ({vars, peers}) => [
    flow({
      protocol: 'vrrp',
      from: peers.flatMap(({links}) => (links[vars.link]?.addresses ?? []).map(address => address.replace(/\/.*/, ''))),
      link: vars.link,
      purpose: 'VRRP advertisements',
    }),
  ],
  resources({vars, facts, host}) {
    const view = vrrpView(vars, facts, host)
    const reload = handler(service.reload('keepalived'))
    const restart = handler(service.restart('keepalived'))
    return [
      pkg({name: 'keepalived', provides: {units: ['keepalived'], directories: ['/etc/keepalived']}}),
      // arp(7): answer only for addresses of the interface asked on, announce only addresses of the outgoing interface.
      sysctl({key: 'net.ipv4.conf.all.arp_ignore', value: 1}),
      sysctl({key: 'net.ipv4.conf.all.arp_announce', value: 2}),
      directory({path: '/etc/systemd/system/keepalived.service.d'}),
      file({
        path: '/etc/systemd/system/keepalived.service.d/gatewright.conf',
        content: unitConf(view),
        notify: [restart],
      }),
      file({
        path: '/etc/keepalived/keepalived.conf',
        content: keepalivedConf(view),
        mode: '0600',
        validate: candidate => $`keepalived --config-test --use-file ${candidate}`,
        notify: [reload],
      }),
      service({name: 'keepalived', enabled: true, running: true, masked: false}),
    ]
  },
})
