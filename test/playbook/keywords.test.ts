// What the keywords of a playbook come to, before and after something is known of a host.
import test from 'ava'
import {NeedsResult} from '../../src/playbook/evaluation-error.ts'
import {entryOf, knowing, loadTasks, loadText, roundsOf, shownRounds} from '../support/load-text.ts'

const said = async (tasks: string, index = 0, known = knowing()): Promise<readonly unknown[]> =>
  shownRounds(roundsOf(await loadTasks(tasks), index, known))

test('a result is known to what comes after it, and asked for only there', async t => {
  const fleet = await loadTasks(`
- {command: uptime, register: up}
- {debug: {msg: "{{ up.stdout }}"}, when: up.rc == 0}`)
  t.is(entryOf(fleet, 0).control.register, 'up')
  t.throws(() => roundsOf(fleet, 1), {instanceOf: NeedsResult})
  t.deepEqual(shownRounds(roundsOf(fleet, 1, knowing({up: {rc: 0, stdout: 'long'}}))), ['long'])
  t.deepEqual(shownRounds(roundsOf(fleet, 1, knowing({up: {rc: 1}}))), ['nothing'])
})

test('a result that is named too early is undefined, with the place where it is registered', async t => {
  await t.throwsAsync(loadTasks('- {debug: {msg: "{{ up.rc }}"}}\n- {command: uptime, register: up}'), {
    message: /playbook\.yml:3:21: gw1, gw2: the variable 'up' is undefined, it is registered at playbook\.yml:4,/,
  })
})

test('results of an earlier play are known in later ones, on its hosts', async t => {
  const play = (hosts: string) => `- hosts: ${hosts}\n  tasks: [{debug: {msg: "{{ up.rc }}"}}]\n`
  const first = '- hosts: gateways\n  tasks: [{command: uptime, register: up}]\n'
  await t.notThrowsAsync(loadText(`${first}${play('gw2')}`))
  await t.throwsAsync(loadText(`${first}${play('all')}`), {message: /: mon: the variable 'up' is undefined/})
})

test('what tags leave out registers nothing for what they choose, and is checked all the same', async t => {
  const tasks = (tag: string) => `- hosts: gw1
  tasks:
    - {command: uptime, register: up, tags: a}
    - {debug: {msg: "{{ up.rc }}"}, tags: ${tag}}
`
  await t.notThrowsAsync(loadText(tasks('a'), {}, {tags: ['tagged'], skipTags: ['a']}))
  await t.throwsAsync(loadText(tasks('b'), {}, {tags: ['b']}), {message: /'up' is undefined.*left out by tags/})
})

test('judges see the result under its name; a list holds as a whole', async t => {
  const fleet = await loadTasks(`
- command: uptime
  register: up
  changed_when: "'new' in up.stdout"
  failed_when: [up.rc > 0, "'fine' not in up.stderr"]
  until: up.rc < 2
  retries: "{{ number }}"
  delay: 0.5`)
  const [round] = roundsOf(fleet, 0)
  if (round?.does !== 'resources') throw new Error('no resources')
  const result = {changed: true, failed: false, rc: 1, stdout: 'old', stderr: 'fine'}
  t.false(round.judge.changed?.(result))
  t.false(round.judge.failed?.(result))
  t.true(round.judge.failed?.({...result, stderr: ''}))
  t.true(round.judge.until?.holds(result))
  t.like(round.judge.until, {retries: 1, delayMs: 500})
})

test('until asks three times more, five seconds apart, and not at all where there is nothing to try again', async t => {
  const judge = async (more: string) => {
    const [round] = roundsOf(await loadTasks(`- {command: uptime, until: false${more}}`), 0)
    return round?.does === 'resources' ? round.judge.until : undefined
  }
  t.like(await judge(''), {retries: 3, delayMs: 5000})
  t.like(await judge(', delay: -1'), {delayMs: 1000})
  t.is(await judge(', retries: 0'), undefined)
})

test('a loop names its item, its place and its label as it is told to', async t => {
  const fleet = await loadTasks(`
- debug: {msg: "{{ n }} {{ package.name }} {{ ansible_loop.last }}"}
  loop: [{name: a}, {name: b}]
  loop_control: {loop_var: package, index_var: n, label: "{{ package.name }}", extended: true, extended_allitems: no}`)
  const rounds = roundsOf(fleet, 0)
  t.deepEqual(shownRounds(rounds), ['0 a False', '1 b True'])
  t.deepEqual(
    rounds.map(({label}) => label),
    ['a', 'b'],
  )
  t.like(rounds[1]?.item, {name: 'package', value: {name: 'b'}, more: {n: 1, ansible_index_var: 'n'}})
  t.deepEqual(rounds[1]?.item?.more?.['ansible_loop'], {
    index: 2,
    index0: 1,
    first: false,
    last: true,
    length: 2,
    revindex: 1,
    revindex0: 0,
    previtem: {name: 'a'},
  })
})

test('with_items opens lists once', async t => {
  t.deepEqual(await said('- {debug: {msg: "{{ item }}"}, with_items: [a, [b, [c]], "{{ [1] }}"]}'), [
    'a',
    'b',
    '[\n  "c"\n]',
    '1',
  ])
  t.deepEqual(await said('- {debug: {msg: "{{ item }}"}, with_items: one}'), ['one'])
})

test('a loop over what is undefined is skipped where its condition does not hold anyway', async t => {
  t.deepEqual(await said('- {debug: , loop: "{{ nowhere }}", when: number > 2}'), ['nothing'])
  await t.throwsAsync(loadTasks('- {debug: , loop: "{{ nowhere }}", when: item}'), {message: /'nowhere' is undefined/})
})

test('conditions of imports, blocks and tasks must all hold, in the scope of the task', async t => {
  const tasks = `
- block:
    - import_tasks: more.yml
      when: "'b' in item"
  when: wanted
  vars: {wanted: "{{ number == 1 }}"}`
  const more = '- {debug: {msg: "{{ item }}"}, loop: [a, ab, b], when: item != "b"}'
  const fleet = await loadText(`- hosts: gateways\n  tasks:${tasks.replaceAll('\n', '\n    ')}`, {'more.yml': more})
  t.deepEqual(shownRounds(roundsOf(fleet, 0)), ['nothing', 'ab', 'nothing'])
  t.deepEqual(shownRounds(roundsOf(fleet, 0, knowing(), 'gw2')), ['nothing', 'nothing', 'nothing'])
})

test('the innermost keyword counts; environment adds up', async t => {
  const fleet = await loadTasks(
    `
- block:
    - {command: a, become_user: "u{{ number }}", ignore_errors: "{{ number == 2 }}", environment: [{B: "{{ site }}"}]}
    - {command: b, become: false, no_log: no}
  become: true
  environment: {A: block, B: block}
  no_log: true`,
    'environment: {A: play, C: 1}\nany_errors_fatal: true',
  )
  const [a, b] = [entryOf(fleet, 0), entryOf(fleet, 1)]
  t.deepEqual(
    ['gw1', 'gw2', 'mon'].map(host => [a.control.become(host), b.control.become(host)]),
    [
      ['u1', undefined],
      ['u2', undefined],
      ['watch', 'watch'],
    ],
  )
  t.deepEqual(
    ['gw1', 'gw2'].map(host => a.control.ignoreErrors(host, knowing())),
    [false, true],
  )
  t.deepEqual([a.control.noLog, b.control.noLog, a.control.anyErrorsFatal], [true, false, true])
  const [round] = roundsOf(fleet, 0)
  t.deepEqual(round?.does === 'resources' && round.environment, {A: 'block', B: 'frankfurt', C: '1'})
})

test('blocks are known by what they are, and each entry by its part of them', async t => {
  const fleet = await loadTasks(`
- name: outer
  block:
    - command: a
    - block: [command: b]
      always: [command: c]
  rescue:
    - {debug: {msg: "{{ ansible_failed_result.msg }}"}}`)
  const [a, b, c, rescue] = [0, 1, 2, 3].map(index => entryOf(fleet, index).control.blocks)
  t.deepEqual(
    [a, b, c, rescue].map(blocks => blocks?.map(({block, part}) => [block.name, block.hasRescue, part])),
    [
      [['outer', true, 'body']],
      [
        ['outer', true, 'body'],
        [undefined, false, 'body'],
      ],
      [
        ['outer', true, 'body'],
        [undefined, false, 'always'],
      ],
      [['outer', true, 'rescue']],
    ],
  )
  t.is(a?.[0]?.block, rescue?.[0]?.block)
  t.deepEqual(shownRounds(roundsOf(fleet, 3, knowing({ansible_failed_result: {msg: 'gone'}}))), ['gone'])
})

test('handlers are notified by name, the first of equal ones, and by topic; units as debts, all else as tasks', async t => {
  const fleet = await loadTasks(
    `
- {file: {path: /etc/a, content: a}, notify: [same, "topic {{ number }}", unit]}
- {command: b, loop: [unit, same], notify: "{{ item }}", when: item != 'unit'}`,
    `
handlers:
  - {name: same, debug: {msg: first}}
  - {name: same, debug: {msg: second}}
  - {name: listening, listen: [topic 1, topic 2], debug: {msg: third}}
  - {name: unit, listen: topic 1, service: {name: "u{{ number }}", state: restarted}}`,
  )
  const [play] = fleet.plays
  t.deepEqual(
    play?.handlers.map(handler => (handler.of === 'unit' ? handler.handler('gw2').id : handler.name)),
    ['same', 'same', 'listening', 'restart u2'],
  )
  const [first, , third] = play?.handlers ?? []
  const notified = entryOf(fleet, 0).control.notifies('gw1', knowing())
  t.deepEqual([...notified] as unknown[], [first, third])
  const [round] = roundsOf(fleet, 0)
  t.deepEqual(round?.does === 'resources' && round.resources[0]?.notify.map(({id}) => id), ['restart u1'])
  t.deepEqual(entryOf(fleet, 1).control.notifies('gw1', knowing()), [first] as never)
})

test('a loop notifies what all its rounds notify, as in Ansible', async t => {
  const fleet = await loadTasks(
    `- {file: {path: "/etc/{{ item }}", content: a}, loop: [a, b], notify: "{{ item }}"}`,
    `
handlers:
  - {name: a, service: {name: a, state: restarted}}
  - {name: b, systemd: {name: b, state: reloaded}}`.replace('systemd', 'service'),
  )
  t.deepEqual(
    roundsOf(fleet, 0).map(round => round.does === 'resources' && round.resources[0]?.notify.map(({id}) => id)),
    [
      ['restart a', 'reload b'],
      ['restart a', 'reload b'],
    ],
  )
})

test('handlers that something other than a state on the host notifies are tasks', async t => {
  const handlers = 'handlers: [{name: h, service: {name: a, state: restarted}}]'
  const kinds = async (tasks: string) => (await loadTasks(tasks, handlers)).plays[0]?.handlers.map(({of}) => of)
  t.deepEqual(await kinds('- {file: {path: /a, content: a}, notify: h}'), ['unit'])
})

test('debug, assert and fail are decided where they are reached', async t => {
  t.deepEqual(await said('- debug:'), ['Hello world!'])
  t.deepEqual(await said('- debug: {var: number}'), ['number: 1'])
  t.deepEqual(await said('- debug: {msg: {a: [1]}}'), ['{\n  "a": [\n    1\n  ]\n}'])
  t.deepEqual(await said('- debug: {msg: x, verbosity: 1}'), ['nothing'])
  t.deepEqual(await said('- assert: {that: [number == 1, site]}'), ['All assertions passed'])
  t.deepEqual(await said('- assert: {that: [number == 1, number > 1], msg: wrong}'), ['failed: wrong (number > 1)'])
  t.deepEqual(await said('- fail:'), ['failed: Failed as requested from task'])
  t.deepEqual(await said('- {fail: {msg: x}, failed_when: false}'), ['x'])
  const registered = '- {command: a, register: out}\n- {debug: {var: out.nothing}}'
  t.deepEqual(await said(registered, 1, knowing({out: {}})), ['out.nothing: VARIABLE IS NOT DEFINED!'])
  const changed = roundsOf(await loadTasks('- {debug: {msg: x}, changed_when: true}'), 0)
  t.like(changed[0], {result: {changed: true, msg: 'x'}})
})

test('what is delegated goes to the host named for the round', async t => {
  const tasks = `
- {command: a, delegate_to: "{{ item }}", loop: [gw1, mon, localhost]}
- {command: b, delegate_to: "{{ omit }}"}`
  t.deepEqual((await said(tasks)).map(text => String(text).replace(/^.* on /, '')).slice(1), ['mon', 'localhost'])
  await t.throwsAsync(loadTasks('- {command: a, delegate_to: gw3}'), {message: /names 'gw3'.*did you mean 'gw1'/})
})

test('names are evaluated on each host as far as they are known', async t => {
  const fleet = await loadTasks(
    '- {command: uptime, register: up}\n- {name: "on {{ inventory_hostname }} {{ up.rc }}", command: b}',
  )
  const {control, origin} = entryOf(fleet, 1)
  t.is(origin.name, 'on {{ inventory_hostname }} {{ up.rc }}')
  t.is(control.name('gw2', knowing()), origin.name)
  t.is(control.name('gw2', knowing({up: {rc: 3}})), 'on gw2 3')
})

test('each task and round is an act of its own', async t => {
  const fleet = await loadTasks('- {command: a, loop: [1, 2]}\n- import_tasks: x.yml'.replace(/\n.*/, ''))
  const ids = roundsOf(fleet, 0).flatMap(round => (round.does === 'resources' ? round.resources.map(({id}) => id) : []))
  t.is(new Set(ids).size, 2)
})

test('imported files are found as Ansible finds them', async t => {
  const files = {
    'a/one.yml': '- import_tasks: b/two.yml',
    'a/b/two.yml': '- import_tasks: three.yml\n- import_tasks: "{{ which }}.yml"\n  vars: {which: four}',
    'three.yml': '- {debug: {msg: beside the playbook}}',
    'a/b/three.yml': '- {debug: {msg: beside the file}}',
    'b/four.yml': '- {debug: {msg: below the playbook}}',
    'a/b/four.yml': '- {debug: {msg: beside the file}}',
  }
  const fleet = await loadText('- hosts: gw1\n  tasks: [import_tasks: a/one.yml]\n', files)
  t.deepEqual(
    [0, 1].map(index => shownRounds(roundsOf(fleet, index))),
    [['beside the playbook'], ['below the playbook']],
  )
})

test('imports of playbooks bring variables, tags and conditions', async t => {
  const files = {
    'inner.yml':
      '- hosts: gw1\n  tags: own\n  vars: {a: inner, b: inner}\n  tasks: [debug: {msg: "{{ a }} {{ b }}"}]\n',
  }
  const imports =
    '- import_playbook: "{{ file }}.yml"\n  vars: {a: outer, file: inner}\n  tags: [up]\n  when: number == 1\n'
  const fleet = await loadText(imports, files, {tags: ['up']})
  t.deepEqual(shownRounds(roundsOf(fleet, 0)), ['outer inner'])
  t.deepEqual(shownRounds(roundsOf(await loadText(imports.replace('== 1', '== 2'), files), 0)), ['nothing'])
})

test('a play says in what order and in which batches', async t => {
  const play = async (text: string) => (await loadText(`- hosts: all\n  ${text}\n`)).plays[0]
  t.deepEqual((await play('order: reverse_sorted'))?.hosts, ['mon', 'gw2', 'gw1'])
  t.like(await play('max_fail_percentage: 30%'), {maxFailPercentage: 30, anyErrorsFatal: false})
  t.like(
    await play(
      '{"any_errors_fatal": "{{ yes_ }}", vars: {yes_: true}, serial: "{{ 2 }}"}'.slice(1, -1).replaceAll(', ', '\n  '),
    ),
    {
      anyErrorsFatal: true,
      serial: [2],
    },
  )
  const hosts = await loadText('- hosts: "{{ target }}"\n', {}, {extraVars: ['target=gw2,mon']})
  t.deepEqual(hosts.plays[0]?.hosts, ['gw2', 'mon'])
})

test('handlers are flushed after pre_tasks and after tasks', async t => {
  const fleet = await loadText(
    `- hosts: gw1
  pre_tasks: [command: a]
  tasks: [command: b, meta: flush_handlers, {command: c}]
  post_tasks: [command: d]
  handlers: [{name: h, command: e}]
`.replace('[command: b, meta: flush_handlers,', '[{command: b}, {meta: flush_handlers, when: number > 1},'),
  )
  t.deepEqual(
    fleet.plays[0]?.entries.map(({entry}) => entry),
    ['rounds', 'flush', 'rounds', 'flush', 'rounds', 'flush', 'rounds'],
  )
  const flush = entryOf(fleet, 3)
  t.false(flush.entry === 'flush' && flush.when('gw1', knowing()))
})

test('a task may say that its change has to be confirmed, and with what', async t => {
  const confirms = async (task: string): Promise<readonly unknown[]> =>
    roundsOf(await loadTasks(task), 0).flatMap(round =>
      round.does === 'resources'
        ? round.resources.map(({desired: {confirm}}) => (confirm === undefined ? 'none' : (confirm.text ?? confirm)))
        : [],
    )
  const file = 'copy: {content: x, dest: /etc/ssh/sshd_config.d/a.conf}'
  t.deepEqual(await confirms(`- {${file}}`), ['none'])
  t.deepEqual(await confirms(`- {${file}, confirm: false}`), ['none'])
  t.deepEqual(await confirms(`- {${file}, confirm: true}`), ['true'])
  t.deepEqual(await confirms(`- {${file}, confirm: "systemctl reload {{ item }}", loop: [ssh]}`), [
    "sh -c 'systemctl reload ssh'",
  ])
  t.deepEqual(await confirms(`- {${file}, confirm: "echo ')' && true"}`), [String.raw`sh -c 'echo '\'')'\'' && true'`])
  t.deepEqual(await confirms('- {lineinfile: {path: /etc/hosts, line: a}, confirm: true}'), ['true'])
  t.deepEqual(await confirms('- {blockinfile: {path: /etc/hosts, block: a}, confirm: true}'), ['true'])
  t.deepEqual(await confirms('- {file: {path: /etc/a, state: directory}, confirm: true}'), ['true'])
  t.deepEqual(await confirms('- {service: {name: ssh, state: stopped, enabled: no}, confirm: true}'), [true])
  t.deepEqual(await confirms('- {sysctl: {name: net.ipv4.ip_forward, value: 1}, confirm: true}'), [true])
})
