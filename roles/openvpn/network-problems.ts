import {isAddress, networkOf, overlaps, type RoleProblem} from 'gatewright'
import {canonical, isForClient} from './networks.ts'
import {type Context, isSix, type Server} from './vars.ts'

type Place = {readonly network: string; readonly what: string}

/** What lies inside of the tunnels: pools, addresses of clients, networks behind them. */
export const networkProblems = ({vars, host}: Pick<Context, 'vars' | 'host'>): readonly RoleProblem[] => {
  const say = (what: string, fix: string): RoleProblem => ({rule: 'openvpn-pool', variable: 'servers', what, fix})
  const links: readonly Place[] = Object.entries(host.links).flatMap(([name, {addresses}]) =>
    addresses.map(address => ({network: networkOf(address) ?? address, what: `the link ${name}`})),
  )
  const inner = vars.servers.flatMap(placesOf)
  const wrong = inner.filter(({network}) => !isNetwork(network))
  if (wrong.length > 0)
    return wrong.map(({network, what}) => say(`${what} is no network: ${network}`, 'write it as 10.80.0.0/24'))
  return [
    ...inner.flatMap((place, index) =>
      [...links, ...inner.slice(0, index)]
        .filter(other => overlaps(canonical(place.network), canonical(other.network)))
        .map(other =>
          say(
            `${place.what} (${place.network}) overlaps ${other.what} (${other.network})`,
            'choose networks that nobody else has',
          ),
        ),
    ),
    ...vars.servers.flatMap(server =>
      clientProblems(server).map(what => say(what, 'give each client an address of its own inside the pool')),
    ),
  ]
}

const isNetwork = (text: string): boolean => isAddress(text)

const placesOf = ({name, pool, pool6, clients}: Server): readonly Place[] => [
  {network: pool, what: `the pool of ${name}`},
  ...(pool6 === undefined ? [] : [{network: pool6, what: `the IPv6 pool of ${name}`}]),
  ...clients.flatMap(client =>
    client.networks.map(network => ({network, what: `a network behind ${client.name} of ${name}`})),
  ),
]

const clientProblems = ({name, pool, pool6, clients}: Server): readonly string[] => {
  const addresses = clients.map(({address}) => address)
  const addresses6 = clients.flatMap(({address6}) => address6 ?? [])
  const names = clients.map(client => client.name)
  const again = (all: readonly string[], what: string): string[] =>
    [...new Set(all.filter((one, index) => all.indexOf(one) < index))].map(
      one => `${what} ${one} of the server ${name} is there twice`,
    )
  return [
    ...(isSix(pool) || Number(pool.split('/')[1]) > 29 || !pool.includes('/')
      ? [`the pool of ${name} is ${pool}: it has to be an IPv4 network with room for clients`]
      : []),
    ...(pool6 !== undefined && (!isSix(pool6) || Number(pool6.split('/')[1] ?? 128) > 112)
      ? [`the IPv6 pool of ${name} is ${pool6}: OpenVPN takes IPv6 networks up to /112`]
      : []),
    ...clients.flatMap(client => [
      ...(isForClient(pool, client.address)
        ? []
        : [`${client.name} of ${name} has ${client.address}, which cannot be a client's in ${pool}`]),
      ...(client.address6 === undefined || (pool6 !== undefined && isForClient(pool6, client.address6))
        ? []
        : [
            `${client.name} of ${name} has ${client.address6}, which cannot be a client's in ${pool6 ?? 'no IPv6 pool'}`,
          ]),
    ]),
    ...again(addresses, 'the address'),
    ...again(addresses6, 'the address'),
    ...again(names, 'the client'),
  ]
}
