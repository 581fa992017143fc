import {type RoleProblem, readCertificate} from 'gatewright'
import {type Context, credentialsOf, type OpenvpnVars, type Server} from './vars.ts'

type Peer = Context['peers'][number]

/** A client that comes back after a take-over finds the same server: what it needs, apart from the keys. */
const parts = [
  'device',
  'protocol',
  'port',
  'address',
  'follow',
  'pool',
  'pool6',
  'clients',
  'push_routes',
  'push_dns',
  'ping',
  'timeout',
  'path_mtu',
  'mtu',
] as const

export const pairProblems = ({vars, peers}: Context): readonly RoleProblem[] =>
  peers.flatMap(peer => [
    ...(JSON.stringify(vars.ciphers) === JSON.stringify(peer.vars.ciphers) || vars.servers.length === 0
      ? []
      : [differs('ciphers', 'it differs', peer)]),
    ...names(vars, peer.vars).flatMap(name => unequal(name, vars, peer)),
  ])

const names = (...all: readonly OpenvpnVars[]): readonly string[] => [
  ...new Set(all.flatMap(({servers}) => servers.map(({name}) => name))),
]
const serverOf = ({servers}: OpenvpnVars, wanted: string): Server | undefined =>
  servers.find(({name}) => name === wanted)

const differs = (variable: string, what: string, {name}: Peer): RoleProblem => ({
  rule: 'openvpn-pair',
  variable,
  what: `${what} from that of ${name}: clients have to find the same after a take-over`,
  fix: 'set it once, in the group of the pair',
  also: {host: name},
})

const unequal = (name: string, vars: OpenvpnVars, peer: Peer): RoleProblem[] => {
  const [mine, theirs] = [serverOf(vars, name), serverOf(peer.vars, name)]
  if (mine === undefined || theirs === undefined)
    return mine === undefined
      ? []
      : [
          {
            rule: 'openvpn-pair',
            variable: 'servers',
            what: `${peer.name} has no server ${name}`,
            fix: 'set the servers once, in the group of the pair',
            also: {host: peer.name},
          },
        ]
  const [own, far] = [credentialsOf(vars, mine), credentialsOf(peer.vars, theirs)]
  const subject = (pem = ''): string | undefined => readCertificate(pem)?.subject
  const at = (part: keyof typeof own): string => (mine[part] === undefined ? part : 'servers')
  return [
    ...parts
      .filter(part => JSON.stringify(mine[part]) !== JSON.stringify(theirs[part]))
      .map(part => differs('servers', `${part} of the server ${name} differs`, peer)),
    ...(['ca', 'crl'] as const)
      .filter(part => own[part]?.trim() !== far[part]?.trim())
      .map(part => differs(at(part), `${part} of the server ${name} differs`, peer)),
    ...(own.tls_crypt_v2?.reveal().trim() === far.tls_crypt_v2?.reveal().trim()
      ? []
      : [differs(at('tls_crypt_v2'), `the key of tls-crypt-v2 of the server ${name} differs`, peer)]),
    ...(subject(own.cert) === subject(far.cert)
      ? []
      : [differs(at('cert'), `the name ${subject(own.cert)} in the certificate of the server ${name} differs`, peer)]),
  ]
}
