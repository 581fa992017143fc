import {type DiagnosisStep, dropsOf, type Host, type LinkFact, type Look, tunnelState} from 'gatewright'
import {unitOf} from '../places.ts'
import {type Chains, farAddress, type Instance, mtuOfClient, remoteOf, type Seen} from './observe.ts'

/** What OpenVPN tells systemd (sd_notify) when all of a connection is done. */
const connectedText = 'Initialization Sequence Completed'

/** An instance, and what was seen of it. */
export type Case = Instance & {
  readonly host: Host
  readonly links: Readonly<Record<string, LinkFact>>
  readonly chains: Chains
  readonly seen: Seen
}
type InstanceStep = Pick<DiagnosisStep, 'id' | 'stage' | 'asks' | 'unless'> & {
  readonly look: (each: Case) => Look | undefined
}

const replay = (host: string): string => `gatewright play playbooks/site.yml --limit ${host}`
const again = ({host, side, settings}: Case): string =>
  `gatewright exec ${host.name} --become -- systemctl restart ${unitOf(side, settings.name)}`
const before = ['openvpn-link', 'openvpn-service', 'openvpn-filter', 'openvpn-route']

export const instanceSteps: readonly InstanceStep[] = [
  {
    id: 'openvpn-link',
    stage: 'link',
    asks: 'is the link up that carries it',
    look({settings, host, links}) {
      const device = settings.link === undefined ? undefined : host.links[settings.link]?.device
      if (device === undefined) return undefined
      const is = links[device]
      return {
        saw: `over ${device}`,
        wrong:
          is?.up && is.carrier
            ? []
            : [
                {
                  saw: `${device} ${is === undefined ? 'is not there' : is.up ? 'has no carrier' : 'is down'}`,
                  means: 'the tunnel is bound to this link, and nothing carries its packets',
                  repair: is?.up
                    ? `plug in the cable of ${device} on ${host.name}, then gatewright diagnose vpn-drops`
                    : `gatewright exec ${host.name} --become -- ip link set ${device} up`,
                },
              ],
      }
    },
  },
  {
    id: 'openvpn-service',
    stage: 'service',
    asks: 'does it run',
    look(each) {
      const {isApplied, active, complaints} = each.seen.instance
      const isWell = active === 'active' || active === 'activating'
      return {
        saw: active,
        wrong:
          isApplied && isWell
            ? []
            : [
                {
                  saw: isApplied
                    ? `${unitOf(each.side, each.settings.name)} is ${active}${complaints.length > 0 ? `: ${complaints.at(-1)}` : ''}`
                    : 'it was never set up here',
                  means: isApplied ? 'somebody has stopped it, or it cannot start' : 'there is no tunnel yet',
                  repair: isApplied ? again(each) : replay(each.host.name),
                },
              ],
      }
    },
  },
  {
    id: 'openvpn-filter',
    stage: 'filter',
    asks: 'does the packet filter let its packets pass',
    look({side, settings, host, chains}) {
      if (chains === undefined) return undefined
      const ports = side === 'server' ? [settings.port] : settings.remotes.map(({port}) => port)
      const addresses = side === 'server' ? [] : settings.remotes.map(remote => remote.host)
      const drops = dropsOf(chains, {udpPorts: ports, addresses})
      return {
        saw: `no rule drops UDP ${ports.join(', ')}`,
        wrong: drops.slice(0, 1).map(rule => ({
          saw: rule,
          means: 'this gateway drops the packets of its own tunnel',
          repair: `gatewright exec ${host.name} --become -- nft delete table ${rule.split(' ').slice(0, 2).join(' ')}`,
        })),
      }
    },
  },
  {
    id: 'openvpn-route',
    stage: 'routes',
    asks: 'do its packets find their way out',
    unless: ['openvpn-link'],
    look({seen: {flow}, host}) {
      if (flow === undefined) return undefined
      return {
        saw: `by ${flow.device ?? 'nothing'}`,
        wrong:
          flow.device === undefined
            ? [
                {
                  saw: `no way to the server: ${flow.complaint}`,
                  means: 'the link of this tunnel has no route to its far end',
                  repair: `gatewright exec ${host.name} --become -- systemctl restart gatewright-mwan`,
                },
              ]
            : [],
      }
    },
  },
  {
    id: 'openvpn-connected',
    stage: 'path',
    asks: 'is it connected',
    unless: before,
    look(each) {
      const {side, settings, host, seen} = each
      if (side === 'server') return undefined
      const {status, complaints} = seen.instance
      const state = seen.probe ? tunnelState(seen.probe) : 'unknown'
      const isConnected = status.includes(connectedText) && state !== 'silent'
      const remote = remoteOf(settings)
      const {means, repair} = reasonOf(
        complaints,
        `${remote?.host ?? settings.remotes[0]?.host}:${remote?.port ?? ''}`,
        host.name,
      )
      const back =
        seen.flow &&
        {replied: 'packets came back lately', unreplied: 'no packet has come back', none: 'no packet was sent lately'}[
          seen.flow.connection
        ]
      return {
        saw: seen.probe?.small === undefined ? 'connected' : `connected, ${seen.probe.small} of 3 echoes`,
        wrong: isConnected
          ? []
          : [{saw: [status || 'it says nothing', back, complaints.at(-1)].filter(Boolean).join('; '), means, repair}],
      }
    },
  },
  {
    id: 'openvpn-mtu',
    stage: 'path',
    asks: 'do large packets come through',
    unless: [...before, 'openvpn-connected'],
    look({side, settings, host, seen: {probe}}) {
      if (side === 'server' || probe === undefined) return undefined
      const mtu = mtuOfClient(settings)
      return {
        saw: `${probe.large ?? 'none'} of 2 echoes of ${mtu} bytes`,
        wrong:
          tunnelState(probe) === 'narrow'
            ? [
                {
                  saw: `${probe.small} of 3 small echoes from ${farAddress(settings)}, none of ${mtu} bytes`,
                  means: "the path takes no packets as large as the tunnel's: connections open and then hang",
                  repair: `set mtu: 1280 for ${settings.name} in openvpn_clients, at the server too, then ${replay(host.name)}`,
                },
              ]
            : [],
      }
    },
  },
]

/** What OpenVPN's own words mean (its src/openvpn/ssl.c and ssl_verify.c). */
const reasonOf = (complaints: readonly string[], remote: string, host: string) => {
  const says = (pattern: RegExp): boolean => complaints.some(line => pattern.test(line))
  if (says(/CRL has expired|certificate has expired|not yet valid/))
    return {
      means: 'a certificate or a list of revoked ones is not valid by the clock of one end',
      repair: `gatewright pki renew && gatewright play playbooks/certificates.yml --limit ${host}`,
    }
  if (says(/VERIFY ERROR|VERIFY X509NAME ERROR/))
    return {
      means: 'the far end is another one than expected, or signed by another authority',
      repair: `gatewright play playbooks/certificates.yml --limit ${host}`,
    }
  if (says(/AUTH_FAILED/))
    return {means: 'the server refuses this client: revoked, or not admitted there', repair: 'gatewright pki list'}
  if (says(/RESOLVE/))
    return {
      means: 'the name of the server is not resolved',
      repair: `gatewright exec ${host} --become -- cat /etc/resolv.conf`,
    }
  if (says(/refused/))
    return {
      means: `nobody listens at ${remote}: the server does not run`,
      repair: `start the server at ${remote}, then gatewright diagnose vpn-drops`,
    }
  return {
    means: `UDP does not come through to ${remote} and back: a filter on the way, or its port`,
    repair: `ask the far end whether packets for ${remote} arrive there, then gatewright diagnose vpn-drops`,
  }
}
