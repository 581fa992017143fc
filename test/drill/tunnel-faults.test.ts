import test from 'ava'
import '../../src/resolve.ts'
import {client, server} from '../../roles/openvpn/test/example.ts'
import {defaults, secret} from '../../roles/wireguard/test/example.ts'

const wireguard = await import('../../roles/wireguard/tasks/lose.ts')
const openvpn = await import('../../roles/openvpn/tasks/lose.ts')

const context = (vars: unknown, args: Readonly<Record<string, unknown>>) =>
  ({vars, args, host: {name: 'gw1', links: {}}, peers: []}) as never

/** The rules that a fault injects. */
const rulesOf = async (
  {default: task}: typeof wireguard | typeof openvpn,
  vars: unknown,
  args: Readonly<Record<string, unknown>>,
): Promise<string[]> => {
  let script = ''
  const $ = async (_: TemplateStringsArray, text: string) => void (script = text)
  await task({...(context(vars, args) as object), $} as never)
  return [...script.matchAll(/add rule inet (\S+ \S+ [^']*)/g)].map(([, rule = '']) => rule)
}

const devices = [
  {name: 'wg0', private_key: secret('a'), addresses: [], peers: []},
  {name: 'wg7', port: 443, private_key: secret('b'), addresses: [], peers: []},
]
const instances = {servers: [server()], clients: [client()]}

test('of WireGuard nothing leaves or reaches the port of the device', async t => {
  const vars = {...defaults, devices}
  t.snapshot(await rulesOf(wireguard, vars, {device: 'wg0'}), 'wg0')
  t.snapshot(await rulesOf(wireguard, vars, {device: 'wg7'}), 'wg7')
  const {message} = await wireguard.plan(context(vars, {device: 'wg0', seconds: 25}))
  t.is(message, 'no packet of the WireGuard tunnel wg0 (UDP port 51820) goes out or comes in; for 25 s at most')
})

test('of OpenVPN nothing leaves or reaches the port of a server, and of a client nothing passes to or from its remotes', async t => {
  t.snapshot(await rulesOf(openvpn, instances, {instance: 'road'}), 'server')
  t.snapshot(await rulesOf(openvpn, instances, {instance: 'hq'}), 'client')
})

test('a tunnel that is not there is told with those that are', async t => {
  await t.throwsAsync(async () => wireguard.plan(context({...defaults, devices}, {device: 'wg1'})), {
    message: 'device="wg1" is no tunnel of gw1: one of wg0, wg7 is needed',
  })
  await t.throwsAsync(async () => openvpn.plan(context(instances, {})), {
    message: 'instance="" is no tunnel of gw1: one of road, hq is needed',
  })
})
