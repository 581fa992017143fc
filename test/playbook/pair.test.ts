// The order, the gates and the live rules of pairs, on shells of this machine: a host's health is a file.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {type LocalRun, localSite} from '../support/run-locally.ts'

/** `BASE/HOST.health`: `healthy`, `holds`, or why it is sick; `BASE/HOST.sick-for`: so many answers more it is sick. */
const role = `
import {$, defineRole, exec} from 'gatewright'

const stateOf = ({host, vars}) => vars.base + '/' + host.name
export default defineRole({
  name: 'gate',
  schema: {
    type: 'object',
    properties: {base: {type: 'string'}, value: {type: 'string', default: '1'}, then: {type: 'string', default: ''}},
  },
  facts: {release: {name: 'release', command: $\`cat $base/release || echo none\`, parse: ({stdout}) => stdout.trim()}},
  health: context => [
    {
      name: 'beacon',
      command: $\`
        cd \${context.vars.base} || exit
        left=$(cat \${context.host.name}.sick-for 2>/dev/null || echo 0)
        [ "$left" -gt 0 ] && echo $((left - 1)) >\${context.host.name}.sick-for && echo 'it is still starting' && exit
        cat \${context.host.name}.health\`,
      parse({code, stdout}) {
        const state = stdout.trim()
        if (code !== 0) return {is: 'absent'}
        const holds = state.startsWith('holds')
        return ['healthy', 'holds'].includes(state) ? {is: 'healthy', holds} : {is: 'sick', reason: state, holds}
      },
    },
  ],
  resources: context => [
    exec({
      run: $\`echo \${context.vars.value} >\${stateOf(context)}.value; \${context.vars.then ? $\`sh -c \${context.vars.then}\` : $\`true\`}\`,
      unless: $\`grep -qx \${context.vars.value} \${stateOf(context)}.value\`,
    }),
  ],
})
`.replace('cat $base/release || echo none', 'echo none')

const play = (more = '') => `
- hosts: all
  gather_facts: false
${more}  roles:
    - gate
`

type Health = Readonly<Record<string, string>>
const site = (t: ExecutionContext, health: Health, {vars = {}}: {vars?: Readonly<Record<string, unknown>>} = {}) => {
  const hosts = ['gw1', 'gw2', 'gw3', 'gw4']
  const local = localSite(t, hosts, name => ({
    pair: name < 'gw3' ? 'east' : 'west',
    pair_settle_seconds: 1,
    gate_base: '{{ base }}',
    ...vars,
  }))
  const write = (name: string, text: string): void => writeFileSync(join(local.base, name), `${text}\n`)
  for (const [host, state] of Object.entries(health)) write(`${host}.health`, state)
  const run = (playbook = play(), options: Parameters<typeof local.run>[1] = {}) =>
    local.run(playbook, {limit: 'gw1,gw2', files: {'roles/gate/role.ts': role}, ...options})
  return {
    base: local.base,
    run,
    write,
    read: (name: string) => local.read(name),
    names: () => local.names(),
  }
}

/** Hosts in the order in which they were changed, each until it was through. */
const changes = ({told}: LocalRun): string[] =>
  told.events.flatMap(event => {
    if (event.event === 'item-start') return [`${event.host} begins`]
    if (event.event === 'gate' && event.when === 'after') return [`${event.host} ${event.is}`]
    return []
  })
const failures = ({told}: LocalRun): string[] =>
  told.of('host-failed').map(({host, status, message}) => `${host} ${status}: ${message}`)
const gates = ({told}: LocalRun, when: 'before' | 'after'): string[] =>
  told.of('gate').flatMap(event => (event.when === when ? [`${event.host} ${event.is}`] : []))

test('the standby is changed before the one that holds the address, with and without serial', async t => {
  for (const more of ['', '  serial: 1\n', '  serial: 2\n']) {
    const {run} = site(t, {gw1: 'holds', gw2: 'healthy'})
    const result = await run(play(more))
    t.is(result.code, 0)
    t.deepEqual(changes(result), ['gw2 begins', 'gw2 healthy', 'gw1 begins', 'gw1 healthy'])
    t.deepEqual(gates(result, 'before').toSorted(), ['gw1 healthy', 'gw2 healthy'])
  }
})

test('several pairs go on side by side, each one gateway at a time', async t => {
  const {run} = site(t, {gw1: 'holds', gw2: 'healthy', gw3: 'healthy', gw4: 'holds'})
  // The first of each pair waits for that of the other one.
  const meet =
    'touch {{ base }}/{{ inventory_hostname }}.here; n=0; until [ -e {{ base }}/gw2.here ] && [ -e {{ base }}/gw3.here ]; do n=$((n+1)); [ $n -lt 200 ] || exit 1; sleep 0.05; done'
  const result = await run(play(`  vars:\n    gate_then: '${meet}'\n`), {limit: 'all'})
  t.is(result.code, 0, failures(result).join('\n'))
  const of = (pair: string[]) => changes(result).filter(line => pair.includes(line.slice(0, 3)))
  t.deepEqual(of(['gw1', 'gw2']), ['gw2 begins', 'gw2 healthy', 'gw1 begins', 'gw1 healthy'])
  t.deepEqual(of(['gw3', 'gw4']), ['gw3 begins', 'gw3 healthy', 'gw4 begins', 'gw4 healthy'])
})

test('a sick gateway is repaired first, and waited for', async t => {
  const {run, base, read} = site(t, {gw1: 'it is stopped', gw2: 'holds'})
  const repair = `echo healthy >${base}/{{ inventory_hostname }}.health`
  const result = await run(play(`  vars:\n    gate_then: '${repair}'\n`))
  t.is(result.code, 0, failures(result).join('\n'))
  t.deepEqual(changes(result), ['gw1 begins', 'gw1 healthy', 'gw2 begins', 'gw2 healthy'])
  t.is(read('gw2.value'), '1\n')
})

test('nothing is changed on a gateway whose peer is sick, whether the peer is in the run or not', async t => {
  const {run, names} = site(t, {gw1: 'holds', gw2: 'keepalived is not running'})
  const refused = 'gw1 refused: its peer gw2 is sick: beacon: keepalived is not running'
  const result = await run(play(), {limit: 'gw1'})
  t.is(result.code, 6)
  t.deepEqual(failures(result), [refused])
  t.regex(result.told.of('host-failed')[0]?.next ?? '', /nothing was changed.* mend gw2 first, .*--force-sick REASON/)
  t.deepEqual(gates(result, 'before'), ['gw1 healthy', 'gw2 sick'])
  t.false(names().includes('gw1.value'))
  // Of both, the sick one has nothing to be done that would mend it.
  const both = await run(play(), {
    extraVars: ['gate_value=2'],
  })
  t.is(both.code, 3)
  t.deepEqual(failures(both), [
    'gw2 failed: it is not healthy after its changes: beacon: keepalived is not running',
    'gw1 skipped: not started, because gw2 is not healthy after its changes: beacon: keepalived is not running',
  ])
})

test('where nothing is to be done nobody is refused, and nobody asked again', async t => {
  const {run, write} = site(t, {gw1: 'holds', gw2: 'healthy'})
  await run()
  write('gw2.health', 'it is stopped')
  const result = await run()
  t.is(result.code, 0)
  t.deepEqual(gates(result, 'after'), [])
  t.is(result.requests().length, 2)
})

test('check mode says what apply would be refused for, and is not refused', async t => {
  const {run} = site(t, {gw1: 'holds', gw2: 'it is stopped'})
  const result = await run(play(), {mode: 'check', limit: 'gw1'})
  t.is(result.code, 2)
  t.deepEqual(
    result.told
      .of('warning')
      .map(({message}) => message)
      .filter(message => !message.includes('read-only')),
    ['apply would be refused: its peer gw2 is sick: beacon: it is stopped'],
  )
})

test('--force-sick goes on, and is recorded in the run, on the host and in the summary', async t => {
  const {run, read} = site(t, {gw1: 'holds', gw2: 'it is stopped'})
  const result = await run(play(), {limit: 'gw1', forceSick: 'disk is being replaced'})
  t.is(result.code, 0)
  t.is(read('gw1.value'), '1\n')
  t.is(result.told.of('run-start')[0]?.forceSick, 'disk is being replaced')
  t.is(result.told.of('summary')[0]?.forceSick, 'disk is being replaced')
  t.true(result.requests().some(([first]) => first === 'note'))
})

test('of two sick gateways the one that does not hold the address is first, with --force-sick', async t => {
  const {run} = site(t, {gw1: 'holds it without a route', gw2: 'it has no uplink'})
  const refused = await run()
  t.is(refused.code, 6)
  t.deepEqual(failures(refused).toSorted(), [
    'gw1 refused: its peer gw2 is sick: beacon: it has no uplink; it is sick itself: beacon: holds it without a route',
    'gw2 refused: its peer gw1 is sick: beacon: holds it without a route; it is sick itself: beacon: it has no uplink',
  ])
  const forced = await run(play(), {forceSick: 'both are down anyway'})
  t.is(forced.code, 0)
  t.deepEqual(
    changes(forced).filter(line => line.endsWith('begins')),
    ['gw2 begins', 'gw1 begins'],
  )
})

test('a gateway that does not get well after its changes keeps the other one from being begun', async t => {
  for (const more of ['', '  serial: 1\n']) {
    const {run, base, names} = site(t, {gw1: 'holds', gw2: 'healthy'})
    const harm = `echo it is in FAULT >${base}/{{ inventory_hostname }}.health`
    const result = await run(play(`${more}  vars:\n    gate_then: '${harm}'\n`))
    t.is(result.code, 3)
    t.deepEqual(failures(result), [
      'gw2 failed: it is not healthy after its changes: beacon: it is in FAULT',
      'gw1 skipped: not started, because gw2 is not healthy after its changes: beacon: it is in FAULT',
    ])
    t.false(names().includes('gw1.value'))
  }
})

test('a rollout begins on the first pair alone, and on the rest when that is healthy again', async t => {
  const health = {gw1: 'holds', gw2: 'healthy', gw3: 'holds', gw4: 'healthy'}
  const rollout = (then: string) =>
    play(`  serial: [2, '100%']\n  vars:\n    gate_then: '${then}'\n`).replace('hosts: all', 'hosts: gw3:gw4:all')
  const well = site(t, health)
  const done = await well.run(rollout('true'), {limit: 'all'})
  t.is(done.code, 0, failures(done).join('\n'))
  t.deepEqual(changes(done).slice(0, 4), ['gw4 begins', 'gw4 healthy', 'gw3 begins', 'gw3 healthy'])
  t.is(changes(done).length, 8)
  const {run, base, names} = site(t, health)
  const harm = `echo it is in FAULT >${base}/{{ inventory_hostname }}.health`
  const failed = await run(rollout(harm), {limit: 'all'})
  t.is(failed.code, 3)
  t.deepEqual(changes(failed), ['gw4 begins', 'gw4 sick'])
  t.deepEqual(
    failures(failed).map(text => text.replace(/ (failed|skipped).*/, ' $1')),
    ['gw4 failed', 'gw3 skipped', 'gw2 skipped', 'gw1 skipped'],
  )
  t.deepEqual(
    names().filter(name => name.endsWith('.value')),
    ['gw4.value'],
  )
})

test('a gateway may take its time to be healthy', async t => {
  const {run, base} = site(t, {gw1: 'holds', gw2: 'healthy'}, {vars: {pair_settle_seconds: 30}})
  const result = await run(play(`  vars:\n    gate_then: 'echo 2 >${base}/{{ inventory_hostname }}.sick-for'\n`))
  t.is(result.code, 0, failures(result).join('\n'))
  t.deepEqual(changes(result), ['gw2 begins', 'gw2 sick', 'gw2 healthy', 'gw1 begins', 'gw1 sick', 'gw1 healthy'])
})

test('a peer that was never provisioned is absent, not sick; one that cannot be reached is sick', async t => {
  const {run} = site(t, {gw1: 'holds'})
  const absent = await run(play(), {limit: 'gw1'})
  t.is(absent.code, 0)
  t.deepEqual(gates(absent, 'before'), ['gw1 healthy', 'gw2 absent'])
  const unreachable = await run(play(), {limit: 'gw1', unreachable: ['gw2'], extraVars: ['gate_value=2']})
  t.is(unreachable.code, 6)
  t.deepEqual(failures(unreachable), ['gw1 refused: its peer gw2 is sick: connection: no route to gw2'])
  const inRun = await run(play('  serial: 1\n'), {unreachable: ['gw2'], extraVars: ['gate_value=2']})
  t.is(inRun.code, 6)
  t.deepEqual(failures(inRun), [
    'gw2 unreachable: no route to gw2',
    'gw1 refused: its peer gw2 is sick: connection: no route to gw2',
  ])
})

test('what runs once runs on the first gateway in the order of the pair', async t => {
  const {run} = site(t, {gw1: 'holds', gw2: 'healthy'})
  const once = (section: string) => `
- hosts: all
  gather_facts: false
  ${section}:
    - name: Once
      command: echo from {{ inventory_hostname }}
      run_once: true
      register: once
    - name: Then
      command: echo {{ once.stdout }} {{ base }}
      register: then
    - assert:
        that: then.stdout == 'from gw2 ' + base
  roles:
    - gate
`
  for (const section of ['tasks', 'pre_tasks']) {
    const result = await run(once(section))
    t.is(result.code, 0, failures(result).join('\n'))
    t.deepEqual(failures(result), [])
  }
})

test('what was found on both gateways is judged before anything is changed, in check mode too', async t => {
  const judging = role.replace(
    'parse: ({stdout}) => stdout.trim()}},',
    'parse: ({stdout}) => stdout.trim()}},\n' +
      `  liveProblems: ({vars, host, peers}) => peers.filter(peer => vars.value !== peer.vars.value && host.name === 'gw1').map(peer => ({
        rule: 'gate-value', variable: 'value', what: host.name + ' and ' + peer.name + ' were found to differ', fix: 'make them equal', also: {host: peer.name},
      })),`,
  )
  const vars = {'host_vars/gw1.yml': 'gate_value: a\n', 'host_vars/gw2.yml': '\ngate_value: b\n'}
  for (const mode of ['check', 'apply'] as const)
    for (const limit of ['gw1,gw2', 'gw2']) {
      const {run, names} = site(t, {gw1: 'holds', gw2: 'healthy'})
      const result = await run(play(), {mode, limit, files: {'roles/gate/role.ts': judging, ...vars}})
      t.is(result.code, 6)
      t.like(result.told.of('diagnostic')[0]?.diagnostic, {
        rule: 'gate-value',
        host: 'gw1',
        at: {line: 1, column: 13},
        also: {what: 'the other one is', at: {line: 2, column: 13}},
      })
      t.is(result.told.of('diagnostic').length, 1)
      t.true(failures(result).some(line => line.startsWith('gw2 refused: ')))
      t.deepEqual(
        names().filter(name => name.endsWith('.value')),
        [],
      )
    }
})

test('advice on what was found is told and refuses nothing; what to ask may depend on variables', async t => {
  const advising = role.replace(
    'parse: ({stdout}) => stdout.trim()}},',
    () => `parse: ({stdout}) => stdout.trim()}},
  liveFacts: ({vars, host}) => ({seen: {name: 'seen by ' + host.name, command: $\`echo \${vars.value} \${host.name}\`, parse: ({stdout}) => stdout.trim()}}),
  liveProblems: ({host, facts, peers}) => peers.map(peer => ({
    rule: 'gate-seen', variable: 'value', what: facts.seen + ' here, ' + peer.facts.seen + ' there', fix: 'wait', isAdvice: true, also: {host: peer.name},
  })),`,
  )
  const vars = {'host_vars/gw1.yml': 'gate_value: a\n', 'host_vars/gw2.yml': '\ngate_value: b\n'}
  const warnings = ({told}: LocalRun): string[] =>
    told.of('warning').map(({host, message}) => `${host} ${message.replaceAll(/[^ ]*host_vars/g, 'host_vars')}`)
  for (const mode of ['check', 'apply'] as const) {
    const {run} = site(t, {gw1: 'holds', gw2: 'healthy'})
    const result = await run(play(), {mode, files: {'roles/gate/role.ts': advising, ...vars}})
    t.is(result.code, mode === 'check' ? 2 : 0, failures(result).join('\n'))
    t.deepEqual(warnings(result).toSorted(), [
      'gw1 host_vars/gw1.yml:1:13: gate_value: a gw1 here, b gw2 there, wait (the other one is at host_vars/gw2.yml:2:13) [gate-seen]',
      'gw2 host_vars/gw2.yml:2:13: gate_value: b gw2 here, a gw1 there, wait (the other one is at host_vars/gw1.yml:1:13) [gate-seen]',
    ])
  }
  const {run} = site(t, {gw1: 'holds', gw2: 'healthy'})
  const one = await run(play(), {limit: 'gw2', files: {'roles/gate/role.ts': advising, ...vars}})
  t.is(one.code, 0)
  t.deepEqual(
    warnings(one).map(line => line.slice(0, 11)),
    ['gw2 host_va', 'gw2 host_va'],
    'also of the peer, which is asked for it',
  )
})
