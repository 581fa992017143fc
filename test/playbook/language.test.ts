// What the words of a playbook do, over real shells and files of this machine.

import {userInfo} from 'node:os'
import test from 'ava'
import {localSite} from '../support/run-locally.ts'

const play = (tasks: string, more = ''): string => `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${tasks}`
const mine = `mode: "0644", owner: "${userInfo().uid}", group: "${userInfo().gid}"`
const write = (name: string, content: string): string =>
  `file: {path: "{{ base }}/${name}", content: "${content}", ${mine}}`

test('a registered result is kept, and what uses it comes in the next stage', async t => {
  const site = localSite(t)
  const {code, items, item, requests} = await site.run(
    play(`
    - name: Ask
      command: echo one two
      register: asked
      changed_when: false
    - name: Write
      ${write('a', '{{ asked.stdout.split()[1] }} {{ asked.rc }}')}
    - name: Plain
      ${write('b', 'plain')}
    - name: Say
      debug: {msg: "{{ asked.stdout_lines }} {{ asked.changed }}"}
    - name: Not this
      command: touch {{ base }}/never
      when: asked.stdout == 'two'
`),
  )
  t.is(code, 0)
  t.is(site.read('a'), 'two 0')
  t.deepEqual(site.names(), ['a', 'b'])
  t.is(item('Say')?.message, "['one two'] False")
  t.deepEqual(items(), ['ok command Ask', 'changed file a', 'changed file b', 'ok Say'])
  t.is(requests().length, 6, 'facts and lock, probes, the command, probes of what uses it, steps, verification')
})

test('in check mode what only applying can tell makes its dependants unknown, and what is predicted does not', async t => {
  const site = localSite(t)
  const {code, items} = await site.run(
    play(`
    - {name: Ask, command: echo hi, register: asked}
    - {name: Uses it, ${write('a', '{{ asked.stdout }}')}}
    - {name: State, ${write('b', 'x')}, register: state}
    - {name: Uses state, ${write('c', '{{ state.changed }}')}, when: state.changed}
    - {name: Does not, ${write('d', 'x')}, when: not state.changed}
`),
    {mode: 'check'},
  )
  t.is(code, 2)
  t.deepEqual(items(), [
    'unknown command Ask',
    'unknown Uses it',
    'changed file b',
    'changed file c',
    'skipped Does not',
  ])
  t.deepEqual(site.names(), [])
})

test('until tries again and has its attempts, failed_when and changed_when judge', async t => {
  const site = localSite(t)
  const {code, item, items} = await site.run(
    play(`
    - name: Count
      shell: echo x >> {{ base }}/count; wc -l < {{ base }}/count
      register: count
      until: count.stdout | int >= 3
      retries: 5
      delay: 0
    - debug: {msg: "{{ count.attempts }}"}
      name: Attempts
    - name: Three is fine
      command: sh -c 'exit 3'
      register: three
      failed_when: three.rc not in [0, 3]
      changed_when: three.rc == 3
    - name: Nothing new
      command: echo same
      register: same
      changed_when: "'new' in same.stdout"
`),
  )
  t.is(code, 0)
  t.is(site.read('count'), 'x\nx\nx\n')
  t.is(item('Attempts')?.message, '3')
  t.deepEqual(items(), [
    'changed command Count',
    'ok Attempts',
    'changed command Three is fine',
    'ok command Nothing new',
  ])
})

test('what does not hold in the end fails with its attempts', async t => {
  const site = localSite(t)
  const {code, told} = await site.run(
    play(`
    - {name: Never, command: echo no, register: r, until: r.stdout == 'yes', retries: 2, delay: 0}
    - {name: After, command: "touch {{ base }}/after"}
`),
  )
  t.is(code, 3)
  t.regex(told.of('host-failed')[0]?.message ?? '', /'until' did not hold after 3 attempts/)
  t.deepEqual(site.names(), [])
})

test('an ignored failure is told, its result says so, and the play goes on', async t => {
  const site = localSite(t)
  const {code, items, item} = await site.run(
    play(`
    - {name: Fails, command: sh -c 'echo out; echo err >&2; exit 7', register: r, ignore_errors: true}
    - {name: Say, debug: {msg: "{{ r.failed }} {{ r.rc }} {{ r.stdout }} {{ r.stderr }}"}}
    - {name: After, command: "touch {{ base }}/after"}
`),
  )
  t.is(code, 0)
  t.deepEqual(items(), ['ignored command Fails', 'ok Say', 'changed command After'])
  t.is(item('Say')?.message, 'True 7 out err')
})

test('rescue and always: the rest of the body is left out, the result of what failed is known', async t => {
  const site = localSite(t)
  const {code, items, item} = await site.run(
    play(`
    - block:
        - {name: First, command: "touch {{ base }}/first"}
        - {name: Fails, command: sh -c 'exit 4'}
        - {name: Never, command: "touch {{ base }}/never"}
      rescue:
        - {name: Saved, debug: {msg: "{{ ansible_failed_result.rc }}"}}
        - {name: Mend, command: "touch {{ base }}/mended"}
      always:
        - {name: Always, command: "touch {{ base }}/always"}
    - {name: Goes on, command: "touch {{ base }}/on"}
`),
  )
  t.is(code, 0)
  t.deepEqual(site.names(), ['always', 'first', 'mended', 'on'])
  t.is(item('Saved')?.message, '4')
  t.deepEqual(items(), [
    'changed command First',
    'rescued command Fails',
    'ok Saved',
    'changed command Mend',
    'changed command Always',
    'changed command Goes on',
  ])
})

test('without rescue what is always done is done, then the host has failed and handlers do not run', async t => {
  const site = localSite(t)
  const {code, told} = await site.run(
    play(
      `
    - block:
        - block:
            - {name: Changes, ${write('a', '1')}, notify: Handle}
            - {name: Fails, command: sh -c 'exit 4'}
          always:
            - {name: Inner, command: "touch {{ base }}/inner"}
        - {name: Skipped, command: "touch {{ base }}/never"}
      always:
        - {name: Outer, command: "touch {{ base }}/outer"}
    - {name: After, command: "touch {{ base }}/after"}
`,
      `  handlers:\n    - {name: Handle, command: "touch {{ base }}/handled"}\n`,
    ),
  )
  t.is(code, 3)
  t.deepEqual(site.names(), ['a', 'inner', 'outer'])
  t.is(told.of('host-failed')[0]?.id?.replace(/ \(.*/, ''), 'command Fails')
})

test('a failure that is certain beforehand is planned with its rescue, also in check mode', async t => {
  const site = localSite(t)
  const text = play(`
    - block:
        - {name: Certain, assert: {that: 1 > 2, fail_msg: one is not more}}
        - {name: Never, command: "touch {{ base }}/never"}
      rescue:
        - {name: Mend, ${write('mended', '{{ ansible_failed_result.msg }}')}}
`)
  const check = await site.run(text, {mode: 'check'})
  t.is(check.code, 2)
  t.deepEqual(check.items(), ['rescued Certain', 'skipped Never', 'changed file mended'])
  const apply = await site.run(text)
  t.is(apply.code, 0)
  t.is(site.read('mended'), 'one is not more')
})

test('an assertion that fails on what is known stops the host before anything is changed', async t => {
  const site = localSite(t)
  const {code, told} = await site.run(
    play(`
    - {name: First, command: "touch {{ base }}/first"}
    - {name: Certain, assert: {that: base is not defined}}
`),
  )
  t.is(code, 3)
  t.deepEqual(site.names(), [])
  t.is(told.of('host-failed')[0]?.next, 'nothing was changed on this host')
})

test('handlers that are tasks run once, at the end or where they are flushed, and only when notified', async t => {
  const site = localSite(t)
  const text = play(
    `
    - {name: A, ${write('a', '1')}, notify: [log, topic]}
    - {name: B, ${write('b', '1')}, notify: log}
    - meta: flush_handlers
    - {name: C, ${write('c', '1')}, notify: log}
    - {name: D, ${write('d', '1')}}
`,
    `  handlers:
    - {name: log, shell: 'echo log >> {{ base }}/log'}
    - {name: listener, shell: 'echo listener >> {{ base }}/log', listen: topic}
    - {name: idle, shell: 'echo idle >> {{ base }}/log'}
`,
  )
  t.is((await site.run(text)).code, 0)
  t.is(site.read('log'), 'log\nlistener\nlog\n')
  const again = await site.run(text)
  t.is(again.code, 0)
  t.is(site.read('log'), 'log\nlistener\nlog\n')
  t.is((await site.run(text, {mode: 'check'})).code, 0)
})

test('loops: each round has its item, the result has all rounds', async t => {
  const site = localSite(t)
  const {code, item} = await site.run(
    play(`
    - name: Each
      shell: echo {{ item }}-{{ n }}
      loop: [a, b, c]
      loop_control: {index_var: n}
      when: item != 'b'
      register: all
      changed_when: false
    - name: Say
      debug: {msg: "{{ all.results | map(attribute='stdout') | map('default', '-') | join(',') }} {{ all.results[1].skipped }} {{ all.results[2].item }}"}
`),
  )
  t.is(code, 0)
  t.is(item('Say')?.message, 'a-0,-,c-2 True c')
})

test('a task is delegated to another host and its result belongs to the first', async t => {
  const site = localSite(t, ['gw1', 'gw2'])
  const {code, requests, item} = await site.run(
    `- hosts: gw1
  gather_facts: false
  tasks:
    - {name: There, command: "echo from {{ inventory_hostname }}", delegate_to: gw2, register: r, changed_when: false}
    - {name: Say, debug: {msg: "{{ r.stdout }}"}}
`,
  )
  t.is(code, 0)
  t.is(item('Say')?.message, 'from gw1')
  t.true(requests('gw2').flat().includes('There'))
  t.false(requests('gw1').flat().includes('There'))
})

test('what runs once runs on the first host, and all hosts of the batch have its result', async t => {
  const site = localSite(t, ['gw1', 'gw2', 'gw3'])
  for (const forks of [1, 5]) {
    const {code, item, items} = await site.run(
      play(`
    - {name: Once, shell: 'echo {{ inventory_hostname }} >> {{ base }}/once; echo value', run_once: true, register: once}
    - {name: 'Say', debug: {msg: "{{ once.stdout }}"}}
`),
      {forks},
    )
    t.is(code, 0)
    for (const host of ['gw1', 'gw2', 'gw3']) t.is(item('Say', host)?.message, 'value', `${host}, ${forks} forks`)
    t.deepEqual(items('gw2'), ['ok Say'])
  }
  t.is(site.read('once'), 'gw1\ngw1\n')
})

test('a handler that runs once and is not due on its host keeps nobody waiting', async t => {
  const site = localSite(t, ['gw1', 'gw2'])
  const {code, item} = await site.run(`
- hosts: all
  gather_facts: false
  tasks:
    - {name: Change, command: 'true', when: inventory_hostname == 'gw2', notify: once}
    - meta: flush_handlers
    - {name: Ask, command: echo value, register: r}
    - {name: Say, debug: {msg: "{{ r.stdout }}"}}
  handlers:
    - {name: once, command: 'true', run_once: true}
`)
  t.is(code, 0)
  for (const host of ['gw1', 'gw2']) t.is(item('Say', host)?.message, 'value')
})

test('environment, no_log and names with variables', async t => {
  const site = localSite(t)
  const {code, item, told} = await site.run(
    play(
      `
    - {name: 'Word of {{ base | basename }}', shell: 'echo "$WORD $OTHER"', environment: {WORD: "it's"}, register: r, changed_when: false}
    - {name: Say, debug: {msg: "{{ r.stdout }}"}}
    - {name: Quiet, command: echo hidden, no_log: true}
`,
      '  environment: {OTHER: outer, WORD: no}\n',
    ),
  )
  t.is(code, 0)
  t.is(item('Say')?.message, "it's outer")
  t.truthy(item('Word of base'))
  t.true(item('Quiet')?.noLog)
  t.is(told.of('summary')[0]?.exitCode, 0)
})

test('any_errors_fatal and max_fail_percentage stop the others', async t => {
  const hosts = ['gw1', 'gw2', 'gw3', 'gw4']
  const fails = (host: string) => `
    - {name: Fails, command: sh -c 'exit 1', when: inventory_hostname == '${host}'}
    - {name: After, shell: 'echo {{ inventory_hostname }} >> {{ base }}/after'}
`
  const one = localSite(t, hosts)
  const fatal = await one.run(play(fails('gw1'), '  serial: 1\n  any_errors_fatal: true\n'))
  t.is(fatal.code, 3)
  t.deepEqual(one.names(), [])
  const two = localSite(t, hosts)
  const some = await two.run(play(fails('gw1'), '  serial: 2\n  max_fail_percentage: 50\n'))
  t.is(some.code, 3)
  t.deepEqual(two.read('after').trim().split('\n').toSorted(), ['gw2', 'gw3', 'gw4'])
  const three = localSite(t, hosts)
  t.is((await three.run(play(fails('gw1'), '  serial: 2\n  max_fail_percentage: 49\n'))).code, 3)
  t.is(three.read('after'), 'gw2\n')
})

test('with any_errors_fatal a host that cannot be reached keeps the rest of the run from being begun', async t => {
  const site = localSite(t, ['gw1', 'gw2', 'gw3'])
  const first = (more: string) => `
- hosts: gw1:gw2
  gather_facts: false
${more}  tasks:
    - {name: First, shell: 'echo {{ inventory_hostname }} >> {{ base }}/done'}
- hosts: all
  gather_facts: false
  tasks:
    - {name: Rest, shell: 'echo {{ inventory_hostname }} >> {{ base }}/done'}
`
  const fatal = await site.run(first('  any_errors_fatal: true\n'), {unreachable: ['gw2']})
  t.is(fatal.code, 4)
  t.deepEqual(site.names(), [])
  t.deepEqual(
    fatal.told.of('host-failed').map(({host, message}) => `${host} ${message}`),
    [
      'gw2 no route to gw2',
      'gw1 not started, because gw2 failed before it and any_errors_fatal is set',
      'gw3 not started, because gw2 failed before it and any_errors_fatal is set',
    ],
  )
  t.is((await site.run(first(''), {unreachable: ['gw2']})).code, 4)
  t.deepEqual(site.read('done').trim().split('\n').toSorted(), ['gw1', 'gw1', 'gw3'])
})

test('groups are known where a play names its hosts', async t => {
  const site = localSite(t, ['gw1', 'gw2'])
  const play = (hosts: string) => `
- hosts: "${hosts}"
  gather_facts: false
  tasks:
    - {name: Note, shell: 'echo {{ inventory_hostname }} >> {{ base }}/done'}
`
  t.is((await site.run(play("{{ groups['all'][:1] }}"))).code, 0)
  t.is(site.read('done'), 'gw1\n')
  t.is((await site.run(play("{{ groups['monitors'] | default([]) }}"))).code, 0)
  t.is(site.read('done'), 'gw1\n')
  await t.throwsAsync(site.run(play("{{ groups['monitors'] }}")), {message: /there is no group 'monitors'/})
})

test('facts of another host are there when they are used, whichever host is first', async t => {
  const site = localSite(t, ['gw1', 'gw2'])
  const {code, item} = await site.run(`- hosts: all
  tasks:
    - {name: Say, debug: {msg: "{{ hostvars[groups['all'][0]].ansible_facts.hostname == hostvars['gw2'].ansible_facts.hostname }}"}}
`)
  t.is(code, 0)
  t.is(item('Say')?.message, 'true')
})

test('handlers notify and register for handlers after them; what is judged counts as judged; an empty loop has no rounds', async t => {
  const site = localSite(t)
  const {code, item, items} = await site.run(
    play(
      `
    - {name: First, command: echo 1, notify: one}
    - {name: Judged, command: "false", failed_when: false, register: judged}
    - {name: Say, debug: {msg: "{{ judged.changed }} {{ judged.failed }}"}}
    - {name: None, command: echo, loop: [], register: empty}
    - {name: Count, debug: {msg: "{{ empty.results | length }} {{ empty is skipped }}"}}
    - {name: Told, debug: {msg: x}, changed_when: true, notify: told}
`,
      `  handlers:
    - {name: one, command: echo said, register: said, notify: two}
    - {name: two, shell: "echo {{ said.stdout }} > {{ base }}/two"}
    - {name: told, command: "touch {{ base }}/told"}
`,
    ),
  )
  t.is(code, 0)
  t.is(item('Say')?.message, 'True False')
  t.is(item('Count')?.message, '0 True')
  t.is(site.read('two'), 'said\n')
  t.deepEqual(site.names(), ['told', 'two'])
  t.deepEqual(items().slice(0, 2), ['changed command First', 'changed command Judged'])
})

test('a task is delegated to this machine, which no inventory names', async t => {
  const site = localSite(t)
  const {code, requests} = await site.run(
    play('    - {name: Here, command: "touch {{ base }}/here", delegate_to: localhost}\n'),
  )
  t.is(code, 0)
  t.deepEqual(site.names(), ['here'])
  t.true(requests('localhost').flat().includes('Here'))
})

test('a command that its conditions leave undone says so, as in Ansible, in both modes', async t => {
  const site = localSite(t)
  const playbook = play(`
    - {name: Made, command: "mkdir {{ base }}/made creates={{ base }}", register: made}
    - {name: Gone, command: "rm {{ base }}/gone removes={{ base }}/gone", register: gone}
    - {name: Say, debug: {msg: "{{ made.rc }} {{ made.stdout == 'skipped, since ' ~ base ~ ' exists' }} {{ gone.stdout_lines | length }}"}}
`)
  for (const mode of ['check', 'apply'] as const) {
    const {code, item} = await site.run(playbook, {mode})
    t.is(code, 0)
    t.is(item('Say')?.message, '0 True 1')
  }
})
