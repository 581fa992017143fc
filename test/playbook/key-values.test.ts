import test from 'ava'
import {readKeyValues} from '../../src/playbook/key-values.ts'

const read = (text: string, isCommand = false): unknown => {
  const found = readKeyValues(text, isCommand)
  return found && [Object.fromEntries(found.values), found.rest]
}

// The right side is what parse_kv of ansible-core 2.14 answers.
test('words and the rest, as Ansible reads them', t => {
  t.deepEqual(read('name=chrony state=present'), [{name: 'chrony', state: 'present'}, ''])
  t.deepEqual(read(`k="v w" a='q r' c='d"`), undefined)
  t.deepEqual(read(`k="v w" a='q r'`), [{k: 'v w', a: 'q r'}, ''])
  t.deepEqual(read('name={{ a }} x="{{ b | default(\'c d\') }}"'), [
    {name: '{{ a }}', x: "{{ b | default('c d') }}"},
    '',
  ])
  t.deepEqual(read(String.raw`line=a\=b text=x\ny`), [{line: String.raw`a\=b`, text: 'x\ny'}, ''])
  t.deepEqual(read('{{ all }}'), [{}, '{{ all }}'])
  t.deepEqual(read('a=b=c =d'), [{a: 'b=c'}, '=d'])
  t.deepEqual(read(String.raw`x\=y`), [{}, 'x=y'])
  t.deepEqual(read('a={{ b'), undefined)
  t.deepEqual(read('  a=b'), undefined)
})

test('the text of a command keeps its words; options are taken out of it', t => {
  t.deepEqual(read('ls -l  /x creates=/y', true), [{creates: '/y'}, 'ls -l  /x'])
  t.deepEqual(read('FOO=1 make chdir="/a b" install', true), [{chdir: '/a b'}, 'FOO=1 make install'])
  t.deepEqual(read("echo 'a  b' | tr a \\\n  b\nsecond", true), [{}, "echo 'a  b' | tr a  b\nsecond"])
  t.deepEqual(read(String.raw`printf 'a\nb' \x41`, true), [{}, String.raw`printf 'a\nb' \x41`])
})
