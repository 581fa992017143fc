// Which entries --tags and --skip-tags leave, compared with what `ansible-playbook --list-tasks` says of the same files.
// UPDATE_ORACLE=1 asks Debian's ansible anew.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'
import {ansible} from '../support/ansible.ts'

const directory = join(import.meta.dirname, '../fixtures/language')
const record = join(directory, 'tags.json')

const combinations = [
  '',
  '--tags all',
  '--tags tagged',
  '--tags untagged',
  '--tags never',
  '--tags always',
  '--tags play',
  '--tags pre',
  '--tags roles',
  '--tags block',
  '--tags inner',
  '--tags blue',
  '--tags rescue',
  '--tags imported',
  '--tags innermost',
  '--tags deep',
  '--tags after',
  '--tags more',
  '--tags block,deep',
  '--tags all,never',
  '--tags untagged --tags more',
  '--skip-tags all',
  '--skip-tags always',
  '--skip-tags tagged',
  '--skip-tags untagged',
  '--skip-tags never',
  '--skip-tags imported',
  '--skip-tags all,always',
  '--tags play --skip-tags inner',
  '--tags always --skip-tags outer',
  '--tags tagged --skip-tags always',
  '--tags deep --skip-tags imported',
  '--tags never --skip-tags more',
  '--tags all --skip-tags first,roles',
] as const

const values = (given: string, flag: string): string[] =>
  [...given.matchAll(new RegExp(String.raw`--${flag} (\S+)`, 'g'))].flatMap(([, tags = '']) => tags.split(','))

if (process.env['UPDATE_ORACLE'])
  test.before(async t => {
    t.timeout(600_000)
    const listed: [string, readonly string[]][] = []
    for (const given of combinations) {
      const words = given.split(' ').filter(Boolean)
      const {stdout} = await ansible(directory, [
        'ansible-playbook',
        '-i',
        'hosts.yml',
        'tags.yml',
        '--list-tasks',
        ...words,
      ])
      listed.push([given, stdout.split('\n').flatMap(line => /^ {6}(.*)\tTAGS: /.exec(line)?.[1] ?? [])])
    }
    writeFileSync(record, `${JSON.stringify(Object.fromEntries(listed), null, 1)}\n`)
  })

for (const given of combinations)
  test(`tags: ${given || 'none'}`, async t => {
    const expected = (JSON.parse(readFileSync(record, 'utf8')) as Record<string, readonly string[]>)[given]
    const {plays} = await load({
      playbooks: [join(directory, 'tags.yml')],
      inventories: [join(directory, 'hosts.yml')],
      projectDirectory: directory,
      tags: values(given, 'tags'),
      skipTags: values(given, 'skip-tags'),
    })
    // Ansible does not list what stands in rescue and always.
    const found = plays.flatMap(({entries}) =>
      entries
        .filter(({entry, control}) => entry !== 'flush' && control.blocks.every(({part}) => part === 'body'))
        .map(({origin}) => (origin.role === 'site' ? 'site : task of the role' : origin.name)),
    )
    t.deepEqual(found, expected)
  })
