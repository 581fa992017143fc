// Tasks about files in a whole run, over real shells and files of this machine.

import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {localSite} from '../support/run-locally.ts'

const play = (tasks: string): string => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`

const several = play(`
    - file: {path: "{{ base }}/conf", state: directory, mode: "0750"}
    - copy: {dest: "{{ base }}/conf/a", content: "one\\n", mode: "0644"}
    - lineinfile: {path: "{{ base }}/conf/a", line: two}
    - lineinfile: {path: "{{ base }}/conf/a", regexp: ^three, line: three=3, insertbefore: BOF}
    - blockinfile: {path: "{{ base }}/conf/a", block: four}
    - file: {path: "{{ base }}/conf/a", mode: u+x}
`)

test('several tasks about one file: each changes it, and the second run changes nothing', async t => {
  const site = localSite(t)
  const check = await site.run(several, {mode: 'check'})
  const verdicts = [
    'changed directory conf',
    'changed file conf/a',
    'changed line conf/a: two',
    'changed line conf/a: ^three',
    'changed block conf/a: # BEGIN ANSIBLE MANAGED BLOCK',
    'changed attributes conf/a',
  ]
  t.is(check.code, 2)
  t.deepEqual(check.items(), verdicts)
  const apply = await site.run(several)
  t.is(apply.code, 0)
  t.deepEqual(apply.items(), verdicts)
  const content = 'three=3\none\ntwo\n# BEGIN ANSIBLE MANAGED BLOCK\nfour\n# END ANSIBLE MANAGED BLOCK\n'
  t.is(site.read('conf/a'), content)
  const again = await site.run(several)
  t.deepEqual([again.code, again.items()], [0, []])
  t.is(site.read('conf/a'), content)
})

test('what lies behind a link that is made is known once it is made', async t => {
  const site = localSite(t)
  mkdirSync(join(site.base, 'v1'))
  writeFileSync(join(site.base, 'v1/a'), 'one\n')
  const tasks = play(`
    - file: {path: "{{ base }}/current", src: v1, state: link}
    - lineinfile: {path: "{{ base }}/current/a", line: two}
`)
  const check = await site.run(tasks, {mode: 'check'})
  t.deepEqual(check.items(), ['changed link current', 'unknown line current/a: two'])
  const apply = await site.run(tasks)
  t.is(apply.code, 0)
  t.is(site.read('v1/a'), 'one\ntwo\n')
  t.deepEqual((await site.run(tasks)).items(), [])
})

test('a command between two tasks about a file sees what the first one leaves', async t => {
  const site = localSite(t)
  const tasks = play(`
    - copy: {dest: "{{ base }}/script", content: "echo hello >{{ base }}/said\\n", mode: "0700"}
    - command: sh {{ base }}/script
    - file: {path: "{{ base }}/script", state: absent}
`)
  for (const run of ['first', 'second']) {
    const done = await site.run(tasks)
    t.is(done.code, 0, run)
    t.is(site.read('said'), 'hello\n')
    t.deepEqual(site.names(), ['said'])
    t.is(done.items().filter(item => item.startsWith('changed')).length, 3)
  }
})
