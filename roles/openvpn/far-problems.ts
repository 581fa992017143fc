import {contains, isAddress, isSignedBy, type RoleProblem, readCertificate} from 'gatewright'
import {canonical} from './networks.ts'
import {type Client, type Context, credentialsOf, type Server} from './vars.ts'

type Far = {readonly host: string; readonly server: Server; readonly vars: Context['vars']}

/** What a client wants of the servers that it connects to: those at addresses, and those that are in this inventory. */
export const farProblems = (context: Context): readonly RoleProblem[] =>
  context.vars.clients.flatMap(client => [
    ...selfProblems(client),
    ...client.remotes.flatMap(remote => serversAt(context, remote).flatMap(far => agreement(context, client, far))),
  ])

const selfProblems = ({name, remotes, routes}: Client): RoleProblem[] =>
  remotes.flatMap(({host}) =>
    routes
      .filter(route => isAddress(route) && contains(canonical(route), host))
      .map(route => ({
        rule: 'openvpn-self',
        variable: 'clients',
        what: `${name} sends ${route} into the tunnel, and with it the tunnel's own packets to ${host}`,
        fix: 'route smaller networks, without this address',
      })),
  )

const serversAt = ({others}: Context, {host, port, protocol}: Client['remotes'][number]): readonly Far[] =>
  others.flatMap(({name, links, vars}) => {
    const own = Object.values(links).flatMap(({addresses}) => addresses.map(each => each.split('/')[0]))
    return vars.servers
      .filter(server => server.port === port && server.protocol === protocol)
      .filter(({address}) => (address === undefined ? own.includes(host) : address === host))
      .map(server => ({host: name, server, vars}))
  })

const agreement = ({vars}: Context, client: Client, {host, server, vars: theirs}: Far): RoleProblem[] => {
  const [mine, far] = [credentialsOf(vars, client), credentialsOf(theirs, server)]
  const say = (rule: string, what: string, fix: string): RoleProblem => ({
    rule: `openvpn-${rule}`,
    variable: 'clients',
    what: `${client.name} and the server ${server.name} of ${host}: ${what}`,
    fix,
    also: {host, variable: 'servers'},
  })
  const commonName = (pem = ''): string | undefined => /^CN=(.*)$/m.exec(readCertificate(pem)?.subject ?? '')?.[1]
  const found: RoleProblem[] = []
  if (vars.ciphers && theirs.ciphers && !vars.ciphers.some(each => theirs.ciphers?.includes(each)))
    found.push(
      say(
        'cipher',
        `they have no cipher in common (${vars.ciphers.join(', ')}; ${theirs.ciphers.join(', ')})`,
        'leave openvpn_ciphers out',
      ),
    )
  if (mine.ca !== undefined && far.cert !== undefined && !isSignedBy(far.cert, mine.ca))
    found.push(
      say('ca', "the server's certificate was not issued by the client's authority", 'take both from one authority'),
    )
  if (far.cert !== undefined && commonName(far.cert) !== client.server_name)
    found.push(
      say(
        'far',
        `the server is called ${commonName(far.cert)}, and the client expects ${client.server_name}`,
        'set server_name',
      ),
    )
  const own = commonName(mine.cert)
  if (own !== undefined && !server.clients.some(({name}) => name === own))
    found.push(say('far', `the server admits no client ${own}`, 'add it to the clients of the server'))
  return found
}
