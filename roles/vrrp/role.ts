import {
  $,
  defineRole,
  directory,
  file,
  handler,
  links,
  nftAtBoot,
  nftTable,
  os,
  packageVersion,
  pkg,
  service,
  session,
  sockets,
  sysctl,
  virtualisation,
} from 'gatewright'
import {conntrackPackages, conntrackResources} from './conntrack-resources.ts'
import {diagnosis} from './diagnosis/index.ts'
import {events} from './events.ts'
import {health} from './health.ts'
import {liveFacts} from './live-facts.ts'
import {liveProblems} from './live-problems.ts'
import {offers, sysctls} from './offers.ts'
import {problems} from './problems.ts'
import {scheduling} from './resources/scheduling.ts'
import {schema} from './schema.ts'
import {followPath, followScript, hookDirectory} from './templates/follow-script.ts'
import {keepalivedConf} from './templates/keepalived-conf.ts'
import {natRules} from './templates/nat-rules.ts'
import {startPath, startScript} from './templates/start-script.ts'
import {tmpfilesConf, tmpfilesPath} from './templates/tmpfiles-conf.ts'
import {unitConf} from './templates/unit-conf.ts'
import {followUnit} from './templates/units.ts'
import {vrrpView} from './view.ts'

const units = '/etc/systemd/system'

export default defineRole({
  name: 'vrrp',
  schema,
  packages: ['keepalived', 'iputils-ping', 'conntrackd', 'conntrack', 'nftables'],
  facts: {
    os,
    session,
    sockets,
    links,
    virtualisation,
    keepalived: packageVersion('keepalived'),
    conntrackd: packageVersion('conntrackd'),
  },
  problems,
  liveFacts,
  liveProblems,
  health,
  diagnosis,
  events,
  offers,
  resources({vars, facts, host, peers, offers}) {
    const view = vrrpView(vars, facts, host, peers, offers)
    const reload = handler(service.reload('keepalived'))
    const restart = handler(service.restart('keepalived'))
    const follow = handler(service.restart('gatewright-vrrp'))
    return [
      pkg({
        name: 'keepalived',
        provides: {units: ['keepalived'], directories: ['/etc/keepalived'], commands: ['keepalived']},
      }),
      ...(view.vote ? [pkg({name: 'iputils-ping', provides: {commands: ['ping']}})] : []),
      ...(vars.conntrack ? conntrackPackages(vars, host, peers) : []),
      ...sysctls(vars).map(({key, value}) => sysctl({key, value})),
      directory({path: '/etc/gatewright'}),
      directory({path: hookDirectory}),
      directory({path: '/usr/local/lib/gatewright'}),
      file({path: tmpfilesPath, content: tmpfilesConf(view)}),
      file({path: followPath, content: followScript(view), mode: '0755', notify: [follow]}),
      file({path: `${units}/gatewright-vrrp.service`, content: followUnit, notify: [follow]}),
      service({name: 'gatewright-vrrp', enabled: true, running: true}),
      ...(vars.conntrack ? conntrackResources(vars, host, peers) : []),
      ...(vars.nat.length > 0
        ? [
            pkg({name: 'nftables', provides: {units: [{name: 'nftables', enabled: false}], commands: ['nft']}}),
            ...nftAtBoot(),
            nftTable({family: 'inet', name: 'gatewright_nat', rules: natRules(vars, host)}),
          ]
        : []),
      ...(view.realtimePriority > 0
        ? [file({path: startPath, content: startScript(view), mode: '0755', notify: [restart]})]
        : []),
      directory({path: `${units}/keepalived.service.d`}),
      file({path: `${units}/keepalived.service.d/gatewright.conf`, content: unitConf(view), notify: [restart]}),
      file({
        path: '/etc/keepalived/keepalived.conf',
        content: keepalivedConf(view),
        mode: '0600',
        validate: candidate => $`keepalived --config-test --use-file ${candidate}`,
        notify: [reload],
      }),
      service({name: 'keepalived', enabled: true, running: true, masked: false}),
      ...(view.realtimePriority > 0 ? [scheduling({unit: 'keepalived', priority: view.realtimePriority})] : []),
    ]
  },
})
