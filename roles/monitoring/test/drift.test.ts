import test from 'ava'
import '../../../src/resolve.ts'

const {driftIn} = await import('../drift.ts')

const printed = (summary: object, command = 'gatewright check playbooks/site.yml --json'): string =>
  [
    {event: 'run-start', time: '2026-03-01T09:59:00.000Z', mode: 'check', command},
    {event: 'warning', time: '2026-03-01T09:59:01.000Z', host: 'gw1', message: 'a line'},
    {
      event: 'summary',
      time: '2026-03-01T10:00:00.000Z',
      mode: 'check',
      hosts: [
        {host: 'gw1', status: 'changed', counts: {ok: 90, changed: 3}},
        {host: 'gw2', status: 'ok', counts: {ok: 93, changed: 0}},
        {host: 'gw3', status: 'unreachable', counts: {ok: 0, changed: 0}},
      ],
      ...summary,
    },
  ]
    .map(event => `${JSON.stringify(event)}\n`)
    .join('')

test('of each host what waits for a play, and when that was seen', t => {
  t.deepEqual(driftIn(printed({}), 'gw1'), {changes: 3, at: 1772359200})
  t.deepEqual(driftIn(printed({}), 'gw2'), {changes: 0, at: 1772359200})
})

for (const [title, text, host, said] of [
  ['a host that did not answer', printed({}), 'gw3', /unreachable/],
  ['a host that was not checked', printed({}), 'gw4', /no check of gw4/],
  ['a play', printed({mode: 'apply'}), 'gw1', /no run of check mode/],
  ['a part of the playbook', printed({}, 'gatewright check playbooks/site.yml --tags bgp --json'), 'gw1', /--tags/],
  ['a run that was cut off', printed({}).split('\n').slice(0, 2).join('\n'), 'gw1', /no summary/],
  ['something else', 'PLAY RECAP\n', 'gw1', /no line of gatewright check/],
] as const)
  test(`nothing is known by ${title}`, t => {
    t.regex(t.throws(() => driftIn(text, host)).message, said)
  })
