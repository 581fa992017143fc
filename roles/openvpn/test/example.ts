import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Desk} from '../../../src/pki/desk.ts'
import {initAuthority} from '../../../src/pki/init.ts'
import {issue} from '../../../src/pki/issue.ts'
import {openKey} from '../../../src/pki/private-keys.ts'
import {makeTlsCryptKeys} from '../../../src/pki/tls-crypt.ts'
import {Secret} from '../../../src/shell/secret.ts'
import {monday, vaultKey} from '../../../test/support/pki.ts'
import type {Client, Context, Credentials, OpenvpnVars, Server} from '../vars.ts'

/** What the schema fills in. */
const timers = {ping: 3, timeout: 7, path_mtu: 1500} as const
const serverDefaults = {
  ...timers,
  protocol: 'udp' as const,
  port: 1194,
  sources: [] as string[],
  follow: '',
  clients: [],
  push_routes: [] as string[],
  push_dns: [] as string[],
}
const clientDefaults = {...timers, routes: [] as string[], addresses: [] as string[], accept_routes: false}
const defaults = {heartbeat: 10, days_left: 30, restart_days: 14} as const

export const server = (changed: Partial<Server> = {}): Server => ({
  ...serverDefaults,
  name: 'road',
  device: 'tun0',
  address: '192.0.2.10',
  link: 'wan-a',
  follow: 'gateway',
  pool: '10.80.0.0/24',
  pool6: 'fd00:80::/64',
  clients: [
    {name: 'alice', address: '10.80.0.10', address6: 'fd00:80::10', networks: []},
    {name: 'branch-7', address: '10.80.0.11', networks: ['10.20.0.0/16', 'fd00:20::/48']},
  ],
  push_routes: ['10.10.0.0/24', 'fd00:10:10::/64'],
  ...changed,
})
export const client = (changed: Partial<Client> = {}): Client => ({
  ...clientDefaults,
  name: 'hq',
  device: 'tun1',
  link: 'wan-b',
  remotes: [
    {host: '203.0.113.10', port: 1194, protocol: 'udp'},
    {host: 'vpn2.example.net', port: 443, protocol: 'tcp'},
  ],
  server_name: 'vpn.example.net',
  routes: ['10.99.0.0/16', 'fd00:99::/48'],
  ...changed,
})

/** An authority with certificates of a server and of clients, made once. */
export const makePki = async (now = monday) => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-openvpn-'))
  const desk: Desk = {place: {directory, shown: 'pki'}, keys: [vaultKey], now}
  await initAuthority(desk, {name: 'Test CA', curve: 'P-256', vaultKey})
  await issue(desk, {name: 'vpn.example.net', profile: 'server', alternativeNames: []})
  await issue(desk, {name: 'gw1', profile: 'client', alternativeNames: []})
  await makeTlsCryptKeys(desk, {names: []})
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8')
  const key = (name: string): Secret => new Secret(openKey(desk.place, name, [vaultKey]).text)
  const of = (name: string, tlsCrypt: string): Required<Credentials> => ({
    ca: read('ca.crt'),
    crl: read('crl.pem'),
    cert: read(`issued/${name}.crt`),
    key: key(name),
    tls_crypt_v2: key(tlsCrypt),
  })
  return {
    desk,
    server: of('vpn.example.net', 'tls-crypt-v2'),
    client: of('gw1', 'gw1+tls-crypt-v2'),
    read,
    remove: () => rmSync(directory, {recursive: true}),
  }
}

/** A pair with one server, and a client with credentials of its own. */
export const varsOf = (
  {server: mine, client: others}: {server: Credentials; client: Credentials},
  changed: Partial<OpenvpnVars> = {},
): OpenvpnVars => ({...defaults, ...mine, servers: [server()], clients: [client(others)], ...changed})

export const host: Context['host'] = {
  name: 'gw1',
  pair: 'lab',
  site: 'lab',
  links: {
    lan: {device: 'lan', addresses: ['10.10.0.2/24', 'fd00:10:10::2/64']},
    'wan-a': {device: 'wan-a', addresses: ['192.0.2.2/24'], gateway: '192.0.2.1'},
    'wan-b': {device: 'wan-b', addresses: ['198.51.100.2/24'], gateway: '198.51.100.1'},
  },
}
export const facts = {cpu: {count: 2, model: 'x', aes: true}, links: {'wan-a': {}, 'wan-b': {}}} as never
