import type {Monitored} from 'gatewright'
import {type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, orZero, placeOf, type Rule, series} from './rule.ts'

/** REJECT_AFTER_TIME of WireGuard: a session whose handshake is older carries nothing. */
const sessionSeconds = 180

/** The tunnels themselves, whatever their exporter says of its own health. */
export const tunnels = (hosts: readonly Watched[]): Group => {
  const rules = hosts.flatMap(host => [
    ...watchesOf(host, 'wireguard').flatMap(each => (each.peers ?? []).map(peer => handshakeOld(host, each, peer))),
    ...watchesOf(host, 'openvpn server', 'openvpn client').map(each => notUp(host, each)),
  ])
  // What moves with the master is one tunnel of the pair.
  return {name: 'tunnels', rules: [...new Map(rules.map(rule => [JSON.stringify(rule), rule])).values()]}
}

const ownerOf = (host: Watched, {follows}: Monitored): {labels: Record<string, string>; who: string} =>
  follows === true && host.pair !== undefined
    ? {labels: groupOf(host), who: `The pair ${host.pair}`}
    : {labels: placeOf(host), who: host.name}
const selectorOf = ({labels}: {labels: Record<string, string>}): Record<string, string | undefined> =>
  labels['host'] === undefined ? {pair: labels['pair']} : {host: labels['host']}

const handshakeOld = (host: Watched, each: Monitored, peer: string): Rule => {
  const owner = ownerOf(host, each)
  const shook = series('gatewright_wireguard_handshake_seconds', {...selectorOf(owner), name: each.name, peer})
  return {
    alert: 'TunnelDown',
    expr: `time() - ${orZero(shook)} > ${sessionSeconds}`,
    // What one look missed is told by the next.
    forSeconds: 30,
    severity: 'critical',
    summary: `${owner.who} has had no handshake with ${peer} over ${each.name} for ${sessionSeconds} s`,
    action: `gatewright task GATEWAY wireguard.status --become; is UDP let through at both ends?`,
    labels: {...owner.labels, tunnel: each.name, peer},
  }
}

const notUp = (host: Watched, each: Monitored): Rule => {
  const owner = ownerOf(host, each)
  const side = each.what === 'openvpn server' ? 'server' : 'client'
  return {
    alert: 'TunnelDown',
    expr: `${orZero(series('gatewright_openvpn_up', {...selectorOf(owner), name: each.name, side}))} == 0`,
    forSeconds: 30,
    severity: 'critical',
    summary: `${owner.who}: the OpenVPN ${side} ${each.name} ${side === 'server' ? 'does not run' : 'is not connected'}`,
    action: `journalctl -u openvpn-${side}@${each.name}`,
    labels: {...owner.labels, tunnel: each.name},
  }
}
