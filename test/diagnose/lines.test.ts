import test from 'ava'
import type {Event} from '../../src/events.ts'
import {diagnosisLines} from '../../src/reporters/diagnosis-lines.ts'
import {styleFor} from '../../src/reporters/style.ts'

type Told = Parameters<typeof diagnosisLines>[0]
const time = '2026-11-30T21:48:00.000Z'
const of = {time, pair: 'lab', flow: 'no-failover'} as const
const wrong = {
  saw: "keepalived.conf has 'virtual_router_id 111' where the playbook says 'virtual_router_id 110'",
  means:
    'the two gateways do not take each other for a pair: they answer to different numbers, or refuse what the other says',
  repair: 'gatewright play playbooks/site.yml --limit gw2',
}
const step = {event: 'diagnosis-step', ...of} as const
const events: readonly Told[] = [
  {event: 'diagnosis-start', ...of, hosts: ['gw1', 'gw2']},
  {
    ...step,
    id: 'vrrp-link',
    host: 'gw1',
    stage: 'link',
    asks: 'are the links up that it speaks on and watches',
    is: 'well',
    saw: 'sync, lan, wan-a, wan-b: up, with carrier',
  },
  {
    ...step,
    id: 'vrrp-settings',
    host: 'gw2',
    stage: 'settings',
    asks: 'is its configuration that of the playbook: VRID, priority, version, interval, peers',
    is: 'wrong',
    saw: '',
    wrong: [wrong],
  },
  {
    ...step,
    id: 'vrrp-spoken',
    host: 'gw2',
    stage: 'far end',
    asks: 'do what it hears and what it is set to agree',
    is: 'skipped',
    because: 'vrrp-settings',
  },
]
const told = (all: readonly Told[], width: number): string[] =>
  all.flatMap(event => diagnosisLines(event, {style: styleFor({isTTY: false}, {}), width}))
const end = (more: Partial<Extract<Event, {event: 'diagnosis-end'}>>): Told => ({
  event: 'diagnosis-end',
  ...of,
  asked: 3,
  silent: [],
  causes: [],
  ...more,
})
const cause = {...wrong, host: 'gw2', id: 'vrrp-settings'}

for (const width of [80, 160])
  test(`what a diagnosis tells on ${width} columns`, t => {
    const lines = told([...events, end({causes: [cause, {...cause, id: 'vrrp-masters'}]})], width)
    t.true(lines.every(line => line.length <= width))
    t.snapshot(lines.join('\n'))
  })

test('nothing found, half of a pair, and a site without such roles', t => {
  t.deepEqual(told([end({})], 80), ['', 'nothing found'])
  t.snapshot(told([end({silent: ['gw1']}), end({asked: 0})], 80))
})
