import test from 'ava'
import {Chalk} from 'chalk'
import type {PlannedItem} from '../../src/events.ts'
import {itemDiff} from '../../src/reporters/item-diff.ts'
import {itemLines} from '../../src/reporters/item-lines.ts'
import type {Change} from '../../src/resources/resource.ts'
import {golden} from './golden.ts'

const style = new Chalk({level: 0})
const item = (id: string, changes: readonly Change[]): PlannedItem => ({
  id,
  kind: id.split(' ', 1)[0] ?? '',
  play: 0,
  verdict: 'changed',
  tentative: false,
  changes,
  steps: [],
})
const content = (from: string, to: string, path = 'content'): Change => ({path, from: {text: from}, to: {text: to}})
const created: Change = {path: 'state', from: 'absent', to: 'present'}
const removed: Change = {path: 'state', from: 'present', to: 'absent'}
const numbered = (count: number, word: string): string =>
  Array.from({length: count}, (_, index) => `${word} ${index}\n`).join('')

const items: readonly PlannedItem[] = [
  item('file /etc/frr/daemons', [
    content('zebra=yes\nbgpd=no\nospfd=no\n\nvtysh_enable=yes\n', 'zebra=yes\nbgpd=yes\nospfd=no\n\nvtysh_enable=yes'),
    {path: 'mode', from: '0644', to: '0640'},
    {path: 'owner', from: 'root', to: 'frr'},
  ]),
  item('file /etc/motd', [created, content('', 'gateway of the pair a\nlook, do not touch\n')]),
  item('file /etc/motd.old', [removed]),
  item('fileset /etc/frr', [
    content('one\n', 'two\n', '/etc/frr/frr.conf content'),
    {path: '/etc/frr/frr.conf mode', from: '0644', to: '0640'},
    {...created, path: '/etc/frr/vtysh.conf state'},
    content('', 'service integrated-vtysh-config\n', '/etc/frr/vtysh.conf content'),
  ]),
  item('file /etc/key', [{path: 'content', from: '***', to: '***'}]),
  item('file /usr/share/blob', [{path: 'content', from: {sha256: 'a1'.repeat(32)}, to: {text: 'plain\nwords\n'}}]),
  item('file /usr/share/other', [{path: 'content', from: {sha256: 'a1'.repeat(32)}, to: {sha256: 'b2'.repeat(32)}}]),
  item('file /etc/late', [{path: 'content', from: null, to: {text: 'words\n'}}]),
  item('file /etc/odd', [
    content('a\x1b[31mred\nleft\t1\nends\nwin\u202e\n', 'a\x1b[32mgreen\nleft        1\nends  \nwin\r\n'),
  ]),
  item('file /etc/long', [content('short\n', `${'0123456789'.repeat(20)}\n`)]),
  item('file /etc/huge', [content('', numbered(1000, 'line'))]),
  item('file /etc/alien', [content(numbered(9000, 'one'), numbered(9000, 'two'))]),
  item('service keepalived', [
    {path: 'enabled', from: false, to: true},
    {path: 'running', from: false, to: true},
  ]),
  item('package frr', [created]),
  item('user ann', [{path: 'groups', from: ['adm'], to: ['adm', 'sudo']}]),
  item('cron backup', [
    {path: 'job', from: null, to: {minute: '5', hour: '*', command: '/usr/local/bin/backup --all'}},
  ]),
  item('handler reload frr', [{path: 'loaded configuration', from: 'older', to: 'current'}]),
]

const reads = test.macro({
  exec(t, width: number) {
    const view = {diff: true, verbosity: 0}
    const lines = items.flatMap(each => itemLines(each, {style, view, width}, 4))
    t.deepEqual(
      lines.filter(line => line.length > width),
      [],
    )
    golden(t, import.meta.dirname, `diff, ${width} columns.txt`, `${lines.join('\n')}\n`)
  },
  title: (_, width) => 'a diff of every sort, columns: ' + width,
})
test(reads, 80)
test(reads, 160)

test('where lines are not broken, each line of a file is one line of the diff', t => {
  const long = items.find(({id}) => id === 'file /etc/long') as PlannedItem
  const lines = itemDiff(long, {style, width: Number.POSITIVE_INFINITY})
  t.is(lines.at(-1), `+${'0123456789'.repeat(20)}`)
})

test('no control character of a file reaches the terminal', t => {
  const every = Array.from({length: 0x100}, (_, code) => String.fromCodePoint(code)).join('')
  const lines = itemDiff(item('file /x', [content('', every)]), {style, width: 80})
  // oxlint-disable-next-line no-control-regex -- it is what must not be there
  t.notRegex(lines.join(''), /[\0-\x1f\x7f-\x9f]/)
})

test('what comes and what goes has its colour', t => {
  const [first] = items
  const lines = itemDiff(first as PlannedItem, {style: new Chalk({level: 1}), width: 80})
  t.true(lines.includes('\x1b[31m-bgpd=no\x1b[39m'))
  t.true(lines.includes('\x1b[32m+bgpd=yes\x1b[39m'))
  t.true(lines.includes(' zebra=yes'))
})
