import {ansibleNames, missingAnsibleFacts} from '../src/facts/ansible-names.ts'
import {filters} from '../src/jinja/filters/index.ts'
import {refusedFilters} from '../src/jinja/filters/refused-filters.ts'
import {globals} from '../src/jinja/globals.ts'
import {refusedTests, tests} from '../src/jinja/tests.ts'
import {lookupNames, refusedLookups} from '../src/playbook/lookups.ts'

const code = (name: string): string => `\`${name}\``
const listed = (names: readonly string[]): string => names.toSorted().map(code).join(', ')
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
const without = (names: readonly string[], refused: object): string => listed(names.filter(name => !(name in refused)))

/** Names with the same reason share a row. */
const reasons = (refused: Readonly<Record<string, readonly [why: string, fix?: string]>>): string => {
  const rows = new Map<string, {names: string[]; cells: readonly string[]}>()
  for (const [name, [why, fix = '']] of Object.entries(refused)) {
    const cells = [why, fix].map(text => text.replaceAll('|', String.raw`\|`))
    const row = rows.get(cells.join('\n')) ?? {names: [], cells}
    row.names.push(name)
    rows.set(cells.join('\n'), row)
  }
  const shown = [...rows.values()].map(({names, cells}) => [listed(names), ...cells])
  return table(['name', 'why', 'instead'], shown)
}

/** docs/reference/expressions.md: what expressions and templates may use. */
export const expressionsPage = (heading: string): string => `${heading}

# Expressions, templates and facts

Values of YAML, conditions and template files are evaluated as ansible-core 2.14 evaluates them: Jinja's language with Python's
values, printed as Python prints them. A corpus of more than 500 values and 50 templates is compared with Debian's ansible.
What would come out differently is refused with its place.

## Types

- \`"{{ name }}"\` alone keeps a number, a bool or nothing when the variable is written as one; through another variable it is text.
- Any other text with \`{{ }}\` or \`{% %}\` gives text: \`"{{ 1 + 1 }}"\` is \`'2'\`. Text that reads as a list, a mapping, \`True\` or
  \`False\` becomes one, unless \`to_json\`, \`to_yaml\` or \`string\` gave it.
- Parameters of modules and variables of roles take numbers from such text: \`mtu: "{{ base + 8 }}"\` fits a number. Calculations
  do not: write \`base | int + 8\`.
- In \`{{ }}\` of YAML a backslash in quotes is itself, as Ansible doubles it there; in conditions and template files it escapes.
- What depends on a secret is a secret; what stands beside it in a list or mapping is none.

## Template files

\`{% if for set macro call filter with block extends include import from raw %}\`, \`loop\`, \`namespace\`, \`super()\`, \`caller()\`; a
newline after a tag is dropped (\`trim_blocks\`), a first line \`#jinja2: lstrip_blocks: True\` changes that. Other templates are found
beside the template, in \`templates/\`, and beside the playbook. \`ansible_managed\` is \`Ansible managed\`. Not there: \`{% do %}\`,
\`{% break %}\` and other extensions, \`self.name()\`, \`template_run_date\`, \`template_mtime\`, \`template_host\`, \`template_uid\`.

Functions: ${listed(Object.keys(globals).filter(name => !['now', 'lipsum'].includes(name)))}. \`now()\` and \`lipsum()\` are refused: a
plan must be the same each time it is made.

## Filters

With or without \`ansible.builtin.\` and \`ansible.utils.\`:

${without(Object.keys(filters), refusedFilters)}.

Refused altogether:

${reasons(refusedFilters)}

Refused in part: \`password_hash\` without a salt or for anything but sha512 and sha256; \`relpath\` without an absolute start;
\`expanduser\` of \`~\`; \`to_yaml\` and \`to_nice_yaml\` of tuples, of text with several lines and of lines that Python would break;
\`type_debug\` of text; \`union\` and its kin of two texts or tuples; regular expressions with possessive quantifiers, inline flags
in the middle, conditions, and back-references to groups that may be missing.

## Tests

${without(Object.keys(tests), refusedTests)}.

Refused: ${Object.keys(refusedTests).toSorted().map(code).join(', ')} (${[...new Set(Object.values(refusedTests))].join('; ')}), and \`version\` with \`version_type='pep440'\`.

## Lookups

\`lookup()\`, \`query()\` and \`q()\` with ${listed(lookupNames)}. Files are looked for in \`files/\` (or \`templates/\`) beside the playbook,
then beside it. \`fileglob\` gives its files in the order of their names.

${reasons(refusedLookups)}

## Facts

\`ansible_facts.NAME\` and \`ansible_NAME\` are what Ansible's setup module says of the same host:

${listed(ansibleNames)},

and for each network device a mapping (\`ansible_eth0\`; a dash becomes \`_\`) with \`device\`, \`active\`, \`macaddress\`, \`mtu\`, \`type\`,
\`promisc\`, \`ipv4\`, \`ipv4_secondaries\`, \`ipv6\`, and \`interfaces\` of a bridge. Of \`mounts\` there are \`mount\`, \`device\` and \`fstype\`.
\`fqdn\` and \`domain\` come from /etc/hosts alone. What is said of a distribution holds for Debian and Ubuntu and is missing
elsewhere.

\`facts.NAME\` are the engine's own (\`gatewright facts HOSTS\` prints them); they also stand in \`ansible_facts\` where Ansible has no fact of
that name: \`facts.kernel.release\`, but \`ansible_facts.kernel\`.

Facts of Ansible that are refused:

${reasons(missingAnsibleFacts)}
`
