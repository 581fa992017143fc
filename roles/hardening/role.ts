import {bonds, claim, defineRole, flow, powerSupplies, session, time, virtualisation} from 'gatewright'
import {events} from './events.ts'
import {logDiskMib, sysctlLines} from './facts.ts'
import {health} from './health.ts'
import {liveProblems} from './live-problems.ts'
import {accountResources} from './parts/accounts.ts'
import {firewallResources} from './parts/firewall.ts'
import {logResources} from './parts/logs.ts'
import {packageResources} from './parts/packages.ts'
import {recordResources} from './parts/records.ts'
import {reductionResources} from './parts/reduction.ts'
import {sshdResources} from './parts/sshd.ts'
import {sysctlResources} from './parts/sysctl.ts'
import {timeFiles, timeService} from './parts/time.ts'
import {updateResources} from './parts/updates.ts'
import {problems} from './problems.ts'
import {schema} from './schema.ts'
import {accountsView} from './view/accounts.ts'
import {firewallView, managementNetworksOf} from './view/firewall.ts'
import {declaredFlows} from './view/flows.ts'
import {logExceptions, logsView} from './view/logs.ts'
import {sshdExceptions, sshdView} from './view/sshd.ts'
import {sysctlView} from './view/sysctl.ts'
import {peerLinkOf, timePeers, timeView} from './view/time.ts'
import {updatesView} from './view/updates.ts'

export default defineRole({
  name: 'hardening',
  schema,
  worksWhenCold: true,
  packages: ['nftables', 'auditd', 'chrony', 'needrestart', 'rsyslog', 'unattended-upgrades'],
  facts: {session, sysctlLines, logDiskMib, virtualisation, time, powerSupplies, bonds},
  problems,
  liveProblems,
  health,
  events,
  offers({vars, host, peers}) {
    const onLink = (link: string | undefined) => (link === undefined ? {} : {link})
    const from = timePeers(vars, peers)
    return [
      claim({
        what: 'tcp port',
        value: String(vars.ssh_port),
        within: `host ${host.name}`,
        owner: 'sshd',
        variable: 'ssh_port',
      }),
      flow({
        protocol: 'tcp',
        port: vars.ssh_port,
        from: managementNetworksOf(vars, host),
        purpose: 'SSH',
        ...onLink(vars.management_link),
      }),
      ...(vars.time && from.length > 0
        ? [
            flow({
              protocol: 'udp',
              port: 123,
              from,
              purpose: 'time of the pair',
              isMutual: true,
              ...onLink(peerLinkOf(vars)),
            }),
          ]
        : []),
    ]
  },
  resources({vars, facts, host, peers, offers}) {
    const isContainer = facts.virtualisation.container
    const sysctl = sysctlView(vars, host, offers)
    return [
      ...recordResources(declaredFlows(vars, offers), [
        ...(vars.sysctl ? sysctl.exceptions : []),
        ...(vars.sshd ? sshdExceptions(vars) : []),
        ...logExceptions(vars),
      ]),
      ...(vars.time ? timeFiles(timeView(vars, peers)) : []),
      ...packageResources(vars, !isContainer),
      ...(vars.sysctl ? sysctlResources(sysctl) : []),
      ...(vars.firewall ? firewallResources(firewallView(vars, host, offers)) : []),
      ...(vars.accounts ? accountResources(accountsView(vars)) : []),
      ...(vars.sshd ? sshdResources(sshdView(vars, host)) : []),
      ...logResources(vars, logsView(vars, isContainer)),
      ...(vars.time ? [timeService()] : []),
      ...(vars.updates ? updateResources(updatesView(vars, host, peers)) : []),
      ...(vars.reduction ? reductionResources(vars) : []),
    ]
  },
})
