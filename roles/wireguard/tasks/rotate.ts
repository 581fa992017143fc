import type {TaskContext, TaskFunction} from 'gatewright'
import {sessionSeconds} from '../health.ts'
import {programs} from '../places.ts'
import {type Shell, statusOf} from '../status.ts'
import {type DeviceVars, publicKeyOf, type WireguardVars} from '../view.ts'

type Context = TaskContext<WireguardVars>
type Member = {readonly name: string; run<Result>(work: ($: Shell) => Promise<Result>): Promise<Result>}

/** Three tries of a handshake (REKEY_TIMEOUT 5 s). */
const limitS = 15

/**
 * Gives a device its next key, which its peers accept already, and waits until each that was connected has shaken hands under
 * it. One that does not takes all of it back. On a pair with one key both gateways change.
 */
const rotate: TaskFunction<WireguardVars> = async context => {
  const move = await planMove(context)
  if (typeof move === 'string') return {changed: false, message: move}
  const {device, members, active, next} = move
  const change = (to: 'next' | 'present') =>
    Promise.all(members.map(member => member.run($ => $`${programs}/wireguard-key ${device.name} ${to}`)))
  const connected = active ? await active.run($ => connectedTo($, device.name)) : new Map<string, number>()
  // WireGuard tells the second of a handshake: two in one would look like one, here and at the far ends.
  if (connected.size > 0) await pause(1000)
  const start = performance.now()
  await change('next')
  const missing = active ? await silentAfter(active, device, connected) : []
  const names = (keys: readonly string[]): string => keys.map(key => nameOf(device, key)).join(', ')
  if (missing.length > 0) {
    await change('present')
    throw new Error(
      `${names(missing)} did not shake hands under ${next} within ${limitS} s: ${device.name} has its former key again. ${advice(device, next)}`,
    )
  }
  const tookMs = Math.round(performance.now() - start)
  const met = connected.size === 0 ? 'nobody was connected' : `${names([...connected.keys()])} shook hands under it`
  return {
    changed: true,
    message: `${device.name} has the key ${next}, ${met} (${tookMs} ms). Make it the present one: gatewright pki wireguard-key NAME --promote, then the variables of both ends`,
  }
}
export default rotate

/** Check mode: which key would be replaced by which, and who has to know it. */
export const plan: TaskFunction<WireguardVars> = async context => {
  const move = await planMove(context)
  if (typeof move === 'string') return {changed: false, message: move}
  const {device, present, next} = move
  return {changed: true, message: `${device.name} would change from ${present} to ${next}. ${advice(device, next)}`}
}

/** Those of the peers that were connected and have not shaken hands again; none as soon as all have. */
const silentAfter = async (
  active: Member,
  device: DeviceVars,
  connected: ReadonlyMap<string, number>,
): Promise<readonly string[]> => {
  const deadline = performance.now() + limitS * 1000
  for (;;) {
    const {peers} = await active.run(statusOf)
    const shookAt = (key: string): number =>
      peers.find(peer => peer.device === device.name && peer.key === key)?.shookAt ?? 0
    const silent = [...connected].flatMap(([key, before]) => (shookAt(key) > before ? [] : [key]))
    if (silent.length === 0 || performance.now() > deadline) return silent
    await pause(100)
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

type Move = {
  readonly device: DeviceVars
  readonly present: string
  readonly next: string
  readonly members: readonly Member[]
  /** The one on which the device is up. */
  readonly active: Member | undefined
}

/** Or why there is nothing to do. */
const planMove = async (context: Context): Promise<Move | string> => {
  const {$, host, peers, hosts} = context
  const device = chosen(context)
  const next = device.next_private_key && publicKeyOf(device.next_private_key)
  if (next === undefined)
    throw new Error(
      `${device.name} has no next key: make it with gatewright pki wireguard-key NAME --next, set next_private_key, and run the playbook on both ends`,
    )
  const isShared = Boolean(device.follow)
  const leader = hosts.find(name => name === host.name || peers.some(peer => peer.name === name))
  if (isShared && leader !== host.name) return 'done from the other gateway'
  const members: readonly Member[] = [{name: host.name, run: work => work($)}, ...(isShared ? peers : [])]
  const found = await Promise.all(members.map(member => member.run(shell => lookAt(shell, device.name))))
  const unready = members.filter((_, index) => found[index]?.next !== next)
  if (unready.length > 0)
    throw new Error(`${unready.map(({name}) => name).join(' and ')} does not have the next key: run the playbook first`)
  if (found.every(({marked}) => marked === next)) return `${device.name} has the key ${next} already`
  return {
    device,
    present: publicKeyOf(device.private_key),
    next,
    members,
    active: members[found.findIndex(({isUp}) => isUp)],
  }
}

const chosen = ({vars: {devices}, args, host}: Context): DeviceVars => {
  const wanted = typeof args['device'] === 'string' ? args['device'] : undefined
  const able = devices.filter(({name, next_private_key}) => (wanted === undefined ? next_private_key : wanted === name))
  const [device] = able
  if (device && able.length === 1) return device
  throw new Error(
    able.length === 0
      ? `${host.name} has no device ${wanted ?? 'with a next key'}; its devices are ${devices.map(({name}) => name).join(', ')}`
      : `several devices have a next key: choose one with -e device= of ${able.map(({name}) => name).join(', ')}`,
  )
}

const lookAt = async ($: Shell, device: string): Promise<{next: string; marked: string; isUp: boolean}> => {
  const {stdout} =
    await $`wg pubkey </etc/wireguard/${device}.next 2>/dev/null || echo none; cat /var/lib/gatewright-wireguard/${device}.rotated 2>/dev/null || echo none; wg show ${device} listen-port 2>/dev/null || echo down`
  const [next = '', marked = '', port = 'down'] = stdout.trim().split('\n')
  return {next, marked, isUp: port !== 'down'}
}

/** Peers with a session: key -> when they last shook hands. */
const connectedTo = async ($: Shell, device: string): Promise<Map<string, number>> => {
  const {now, peers} = await statusOf($)
  return new Map(
    peers
      .filter(peer => peer.device === device && now - peer.shookAt <= sessionSeconds)
      .map(({key, shookAt}) => [key, shookAt]),
  )
}

const nameOf = (device: DeviceVars, key: string): string =>
  device.peers.find(({public_key, next_public_key}) => public_key === key || next_public_key === key)?.name ?? key

/** Far ends of this inventory are compared before connecting (wireguard-next-key); others have to be told. */
const advice = ({peers}: DeviceVars, next: string): string => {
  const foreign = peers.filter(({host}) => host === undefined).map(({name}) => name)
  return foreign.length === 0
    ? 'every far end is of this inventory and accepts it'
    : `not of this inventory, and to be told ${next} beforehand: ${foreign.join(', ')}`
}
