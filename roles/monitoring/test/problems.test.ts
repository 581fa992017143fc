import test from 'ava'
import '../../../src/resolve.ts'
import type {MonitoringVars} from '../vars.ts'
import {defaults, fleet, key} from './example.ts'

const {problems} = await import('../problems.ts')
const {offers} = await import('../offers.ts')
const {liveProblems} = await import('../live-problems.ts')
const {Secret, sysctlOffer} = await import('gatewright')
const {endRequest, silenceRequest} = await import('../silence-request.ts')

const [gw1, gw2, monitor] = fleet as [(typeof fleet)[0], (typeof fleet)[0], (typeof fleet)[0]]
const context = (vars: Partial<MonitoringVars> = {}, rest: Partial<MonitoringVars> = {}) => ({
  vars: {...defaults, ...vars},
  host: gw1,
  peers: [{...gw2, vars: {...defaults, ...rest}}],
  others: [{...monitor, vars: defaults}],
})
const rulesOf = (vars: Partial<MonitoringVars>, rest: Partial<MonitoringVars> = vars): string[] =>
  problems(context(vars, rest)).map(({rule}) => rule)

test('nothing is wrong with the example', t => {
  t.deepEqual(rulesOf({}), [])
})

for (const [title, vars, rest, expected] of [
  ['a link that is not there', {link: 'lann'}, {link: 'lann'}, ['monitoring-link']],
  [
    'a server that nobody sets up',
    {servers: ['monitor', 'other']},
    {servers: ['monitor', 'other']},
    ['monitoring-server', 'monitoring-servers-differ'],
  ],
  ['half of a pair is watched by nobody', {servers: ['monitor']}, {servers: []}, ['monitoring-servers-differ']],
  ['two paces', {interval: 5}, {interval: 5}, ['monitoring-interval']],
  ['a receiver that nobody can reach', {receivers: [{name: 'on call'}]}, {}, ['monitoring-receiver']],
  ['mails without a server', {receivers: [{name: 'noc', email: 'noc@example.net'}]}, {}, ['monitoring-mail']],
  ['an alert that there is not', {wait: {NoMasters: 5}}, {}, ['monitoring-wait']],
  ...(
    [
      ['two checks of one name', {}, 'monitoring-check-twice'],
      ['a check over a link that is not there', {name: 'b', via: ['wan-a', 'cable']}, 'monitoring-check-via'],
      ['a check over the same link twice', {name: 'b', via: ['cable', 'cable']}, 'monitoring-check-via'],
      ['no address', {name: 'b', target: 'host.example'}, 'monitoring-check-target'],
      ['no address and port', {name: 'b', kind: 'tcp', target: '192.0.2.1'}, 'monitoring-check-target'],
      ['no URL', {name: 'b', kind: 'http', target: 'orders.example'}, 'monitoring-check-target'],
      ['no server', {name: 'b', kind: 'dns', target: 'orders.example'}, 'monitoring-check-target'],
      ['slower than its interval', {name: 'b', timeout: 20, interval: 10}, 'monitoring-check-interval'],
      [
        'an answer that is no address',
        {name: 'b', kind: 'dns', target: 'orders.example@192.0.2.1', answer: 'ok'},
        'monitoring-check-answer',
      ],
    ] as const
  ).map(([title, wrong, rule]) => {
    const right = {name: 'a', kind: 'icmp', target: '192.0.2.1', status: 200, answer: '', timeout: 3, interval: 30}
    const checks = [right, {...right, ...wrong}]
    return [title, {checks}, {checks}, [rule]] as const
  }),
  ['half of a pair is to reach something', {checks: []}, {}, ['monitoring-checks-differ']],
] as const)
  test(`refused: ${title}`, t => {
    t.deepEqual(rulesOf(vars as Partial<MonitoringVars>, rest as Partial<MonitoringVars>), [...expected])
    for (const {what, fix} of problems(context(vars as Partial<MonitoringVars>, rest as Partial<MonitoringVars>)))
      t.true(what.length > 10 && (fix ?? '').length > 5)
  })

const zabbixRules = (
  own: Partial<MonitoringVars>,
  theirs: Partial<MonitoringVars> = {},
  server: Partial<MonitoringVars> = {},
) => {
  const whole = {...defaults, zabbix: true, zabbix_psk: key}
  return problems({
    vars: {...whole, ...own},
    host: gw1,
    peers: [{...gw2, vars: {...whole, ...theirs}}],
    others: [{...monitor, vars: {...whole, zabbix_password: key, ...server}}],
  }).map(({rule}) => rule)
}
const secret = (text: string) => new Secret(text)

for (const [title, own, theirs, server, expected] of [
  ['nothing, where all is there', {}, {}, {}, []],
  ['an agent without a key', {zabbix_psk: undefined}, {}, {}, ['monitoring-zabbix-key']],
  ['a key of 15 bytes', {zabbix_psk: secret('ab'.repeat(15))}, {}, {}, ['monitoring-zabbix-key']],
  ['a key of 257 bytes', {zabbix_psk: secret('ab'.repeat(257))}, {}, {}, ['monitoring-zabbix-key']],
  ['a key of half bytes', {zabbix_psk: secret('a'.repeat(33))}, {}, {}, ['monitoring-zabbix-key']],
  [
    'a key that is a text',
    {zabbix_psk: secret('correct horse battery staple and more')},
    {},
    {},
    ['monitoring-zabbix-key'],
  ],
  [
    'one name for two keys',
    {zabbix_identity: 'x'},
    {zabbix_identity: 'x', zabbix_psk: secret('ab'.repeat(16))},
    {},
    ['monitoring-zabbix-identity'],
  ],
  ['an agent that nobody asks', {}, {}, {zabbix: false}, ['monitoring-zabbix-server']],
] as const)
  test(`refused of Zabbix: ${title}`, t => {
    t.deepEqual(zabbixRules(own as Partial<MonitoringVars>, theirs, server), [...expected])
  })

test('refused of Zabbix: a server whose Admin has no password, or one that is guessed', t => {
  const rules = (zabbix_password?: InstanceType<typeof Secret>) =>
    problems({
      vars: {...defaults, checks: [], zabbix: true, zabbix_psk: key, ...(zabbix_password && {zabbix_password})},
      host: monitor,
      peers: [],
      others: [],
    }).map(({rule}) => rule)
  t.deepEqual(rules(), ['monitoring-zabbix-password'])
  t.deepEqual(rules(secret('zabbix')), ['monitoring-zabbix-password'])
  t.deepEqual(rules(key), [])
})

test('agents are open to the servers alone, where Zabbix watches', t => {
  const whole = {...context({zabbix: true, zabbix_psk: key})}
  t.deepEqual(
    offers(whole).flatMap(offer =>
      offer.offer === 'flow' && offer.port === 10_050 ? [[offer.from, offer.to, offer.link]] : [],
    ),
    [[['10.9.0.9'], ['10.9.0.2'], 'mgmt']],
  )
  const [host] = offers(whole).filter(offer => offer.offer === 'monitored')
  t.deepEqual(host?.agent, {identity: 'gw1', key})
  t.false(JSON.stringify(offers(whole)).includes(key.reveal()))
})

test('exporters are open to the servers alone, on the link of management', t => {
  const flows = offers(context()).filter(offer => offer.offer === 'flow')
  t.deepEqual(
    flows.map(({port, from, to, link}) => ({port, from, to, link})),
    [9100, 9342].map(port => ({port, from: ['10.9.0.9'], to: ['10.9.0.2'], link: 'mgmt'})),
  )
  t.deepEqual(
    offers({...context(), host: monitor, peers: [], others: []}).filter(({offer}) => offer === 'flow'),
    [],
  )
})

test('a silence ends by its name, or by what it was made for', t => {
  t.deepEqual(endRequest({end: 'a1'}), {id: 'a1'})
  t.deepEqual(endRequest({end: true, host: 'gw1'}), {matchers: ['host=gw1']})
  t.is(endRequest({host: 'gw1'}), undefined)
  t.throws(() => endRequest({end: true}), {message: /say what is to be silent/})
})

test('a silence has an end, an object and a reason', t => {
  t.deepEqual(silenceRequest({pair: 'office', minutes: '30', reason: 'the line'}, defaults), {
    matchers: ['pair=office'],
    minutes: 30,
    reason: 'the line',
  })
  for (const [args, said] of [
    [{minutes: 30, reason: 'x'}, /one of site, pair, host, alertname/],
    [{pair: 'office', minutes: 721, reason: 'x'}, /at most 720/],
    [{pair: 'office', minutes: 'long', reason: 'x'}, /minutes=long/],
    [{pair: 'office', minutes: 0, reason: 'x'}, /more than 0/],
    [{pair: 'office', minutes: 30}, /say why/],
  ] as const)
    t.regex(t.throws(() => silenceRequest(args, defaults)).message, said)
})

test('advice: tunnels without AES in hardware, and more connections than there is memory for', t => {
  const found = (aes: boolean, totalMiB: number, connections: number): string[] =>
    liveProblems({
      ...context(),
      peers: [],
      offers: [...gw1.offers, sysctlOffer('net.netfilter.nf_conntrack_max', connections)],
      facts: {cpu: {count: 4, model: 'x', aes}, memory: {totalMiB, availableMiB: totalMiB}},
    }).map(({rule, isAdvice}) => `${rule} ${isAdvice}`)
  t.deepEqual(found(true, 8192, 262_144), [])
  t.deepEqual(found(false, 8192, 262_144), ['monitoring-aes true'])
  t.deepEqual(found(true, 1024, 2_000_000), ['monitoring-conntrack-memory true'])
})
