import {flows} from '../diagnose/model.ts'
import {moduleKeys, moduleName} from './module-names.ts'
import {modules} from './modules/index.ts'

/** A keyword: `title` is what its value must be, as error messages say it; `description` is what the keyword is for. */
const keyword = <const Schema extends object>(description: string, schema: Schema, example: unknown) => ({
  description,
  ...schema,
  examples: [example],
})

const text = {type: 'string', title: 'text'} as const
const word = {type: 'string', minLength: 1, title: 'a name'} as const
const template = {type: 'string', pattern: String.raw`\{\{`} as const
const flag = {
  title: 'true or false',
  anyOf: [
    {type: 'boolean'},
    {type: 'string', pattern: String.raw`\{\{|^([Yy]es|[Nn]o|[Tt]rue|[Ff]alse|[Oo]n|[Oo]ff)$`},
  ],
} as const
const count = {
  title: 'a whole number',
  anyOf: [{type: 'integer'}, {type: 'string', pattern: String.raw`\{\{|^\d+$`}],
} as const
const seconds = {
  title: 'a number of seconds',
  anyOf: [{type: 'number'}, {type: 'string', pattern: String.raw`\{\{|^\d+(\.\d+)?$`}],
} as const
const words = {
  title: 'a word or a list of words',
  anyOf: [{type: 'string'}, {type: 'array', items: {anyOf: [{type: 'string'}, {type: 'integer'}]}}],
} as const
const scalars = [{type: 'string'}, {type: 'boolean'}, {type: 'null'}] as const
const condition = {
  title: 'an expression without {{ }}, true or false, or a list of these',
  anyOf: [...scalars, {type: 'array', items: {anyOf: scalars}}],
} as const
const batch = {
  title: 'a number of hosts or a percentage',
  anyOf: [
    {type: 'integer', minimum: 1},
    {type: 'string', pattern: String.raw`^(\d+|\d+%|.*\{\{.*)$`},
  ],
} as const
/** What stands in it is checked by itself. */
const list = (of: string) => ({type: ['array', 'null'], secret: true, title: `a list of ${of}`}) as const

export const name = keyword(
  'What it is called in output; expressions in it are evaluated as far as they are known',
  text,
  'Install chrony',
)
const vars = keyword(
  'Variables for what stands here and below',
  {type: 'object', secret: true, title: 'a mapping'},
  {name: 'value'},
)
const tags = keyword('Words for --tags and --skip-tags; `always` and `never` are special', words, ['packages'])
const when = keyword('It is done only where this holds; of a list, all must hold', condition, "os.family == 'Debian'")

export const environmentReason =
  'the environment of a process can be read in /proc on the host; let the command read a file of mode 0600, or stdin'

/** Keywords of plays, blocks, imports and tasks; what stands further inside counts, `environment` and `tags` are added up. */
const everywhere = {
  vars,
  tags,
  become: keyword('Whether to become another user after login', flag, true),
  become_user: keyword('That user; root unless said otherwise', word, 'postgres'),
  become_method: keyword(
    "How to become that user; another than sudo must be the inventory's `ansible_become_method` too",
    word,
    'sudo',
  ),
  environment: keyword(
    'Environment variables of commands and steps; the inner ones are stronger',
    {
      secret: environmentReason,
      title: 'a mapping, or a list of mappings',
      anyOf: [{type: 'object'}, template, {type: 'array', items: {anyOf: [{type: 'object'}, template]}}],
    },
    {https_proxy: 'http://proxy:3128'},
  ),
  no_log: keyword('Whether its parameters, changes and results are kept out of all output', flag, true),
  run_once: keyword('Whether it is done on the first host of the batch only, for all of them', flag, true),
  ignore_errors: keyword('Whether its failure is said and does not stop the host', flag, true),
  any_errors_fatal: keyword('Whether a failure stops all hosts of the play', flag, true),
}

/** Keywords of what stands in a list of tasks. */
const inLists = {
  ...everywhere,
  name,
  when,
  notify: keyword('Handlers that run when it has changed something, by name or topic', words, 'reload chrony'),
  delegate_to: keyword('Host of the inventory, or localhost, on which it is done instead', word, 'gw2'),
}

const moduleKeywords = Object.fromEntries(
  [...moduleKeys()].map(key => [
    key,
    keyword(
      modules[moduleName(key) ?? '']?.about ?? 'A module',
      {
        secret: true,
        title: 'a mapping, or text of key=value words',
        anyOf: [{type: 'object'}, {type: 'string'}, {type: 'null'}],
      },
      modules[moduleName(key) ?? '']?.example,
    ),
  ]),
)

export const taskKeywords = {
  ...inLists,
  register: keyword(
    'The variable that keeps what it came to: changed, failed, msg, rc, stdout …',
    {type: 'string', pattern: String.raw`^[A-Za-z_]\w*$`, title: 'a name of letters, digits and _'},
    'result',
  ),
  loop: keyword(
    'It is done for every item of this list',
    {secret: true, title: 'a list, or an expression that gives one', anyOf: [{type: 'array'}, {type: 'string'}]},
    ['chrony', 'tcpdump'],
  ),
  with_items: keyword(
    "As loop, with lists inside the list opened: `loop: '{{ … | flatten(1) }}'`",
    {
      secret: true,
      title: 'a list, or an expression that gives one',
      anyOf: [{type: 'array'}, {type: 'string'}, {type: 'number'}, {type: 'boolean'}],
    },
    '{{ packages }}',
  ),
  loop_control: keyword(
    'How the loop calls its items',
    {
      type: 'object',
      title: 'a mapping',
      additionalProperties: false,
      properties: {
        loop_var: keyword(
          'The variable of the item, `item` unless given',
          {type: 'string', pattern: String.raw`^[A-Za-z_]\w*$`, title: 'a name of letters, digits and _'},
          'package',
        ),
        index_var: keyword(
          'A variable that counts the rounds from 0',
          {type: 'string', pattern: String.raw`^[A-Za-z_]\w*$`, title: 'a name of letters, digits and _'},
          'number',
        ),
        label: keyword('What output calls the item', {}, '{{ item.name }}'),
        extended: keyword('Whether `ansible_loop` tells where the loop is', flag, true),
        extended_allitems: keyword('Whether `ansible_loop.allitems` is there; true unless said otherwise', flag, false),
      },
    },
    {loop_var: 'package', label: '{{ package.name }}'},
  ),
  changed_when: keyword(
    'Whether a command counts as a change; a list must hold as a whole',
    condition,
    "'updated' in result.stdout",
  ),
  failed_when: keyword('Whether it counts as failed; a list must hold as a whole', condition, 'result.rc > 1'),
  until: keyword('It is done again until this holds', condition, 'result.rc == 0'),
  confirm: keyword(
    'Its change can cut the way to the host, which takes it back unless a new login confirms it: the command that makes a daemon read it, or true',
    {title: 'true, or a command', anyOf: [flag, {type: 'string', minLength: 1}]},
    'systemctl reload ssh',
  ),
  retries: keyword('How many times more `until` may ask; 3 unless given', count, 10),
  delay: keyword('Seconds between them; 5 unless given', seconds, 2),
  task: keyword(
    'An operation of a role',
    {type: 'string', pattern: String.raw`^[\w-]+\.[\w-]+$`, title: 'a task of a role'},
    'vrrp.switchover',
  ),
  args: keyword(
    'The arguments of `task`, or more parameters of the module',
    {type: 'object', secret: true, title: 'a mapping'},
    {
      creates: '/etc/done',
    },
  ),
  ...moduleKeywords,
}

export const handlerKeywords = {
  ...taskKeywords,
  listen: keyword('Topics that notify it besides its name', words, 'web server changed'),
}

export const blockKeywords = {
  ...inLists,
  block: keyword('Tasks that share these keywords', list('tasks'), [{meta: 'noop'}]),
  rescue: keyword('Tasks for a host on which one of the block has failed', list('tasks'), [{debug: {msg: 'failed'}}]),
  always: keyword('Tasks that follow in either case', list('tasks'), [{debug: {msg: 'over'}}]),
}

const importTasks = keyword(
  'A file of tasks, read before anything runs',
  {
    title: 'the path of a file of tasks',
    anyOf: [
      {type: 'string', minLength: 1},
      {type: 'object', additionalProperties: false, required: ['file'], properties: {file: {type: 'string'}}},
    ],
  },
  'firewall.yml',
)
export const importTasksNames = ['import_tasks', 'ansible.builtin.import_tasks', 'ansible.legacy.import_tasks']
export const importTasksKeywords = {
  ...inLists,
  ...Object.fromEntries(importTasksNames.map(key => [key, importTasks])),
}

export const roleKeywords = {
  role: keyword('The name of the role', word, 'vrrp'),
  name: keyword('The same as `role`', word, 'vrrp'),
  vars,
  tags,
  when,
  become: everywhere.become,
  become_user: everywhere.become_user,
  become_method: everywhere.become_method,
  no_log: everywhere.no_log,
  ignore_errors: everywhere.ignore_errors,
  any_errors_fatal: everywhere.any_errors_fatal,
}

export const playKeywords = {
  name,
  hosts: keyword(
    'The hosts of the play: a pattern of groups, hosts, `!`, `&`, globs, `group[0]`, `~regex`',
    {title: 'a host pattern', anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}]},
    'gateways',
  ),
  order: keyword(
    'The order of the hosts',
    {enum: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle']},
    'sorted',
  ),
  gather_facts: keyword(
    'Whether the standard facts are asked for, besides those of the roles; true unless said otherwise',
    flag,
    false,
  ),
  remote_user: keyword('The login user, for hosts without `ansible_user`', word, 'admin'),
  connection: keyword(
    "How the hosts are reached; `local` must be the inventory's `ansible_connection` too",
    {enum: ['ssh', 'smart', 'local']},
    'ssh',
  ),
  serial: keyword(
    'How many hosts, as a number or percentage, are changed at a time; of a list, the last is repeated',
    {
      title: 'a number of hosts, a percentage, or a list of these',
      anyOf: [batch, {type: 'array', minItems: 1, items: batch}],
    },
    [1, '50%'],
  ),
  max_fail_percentage: keyword(
    'Per cent of the hosts of a batch that may fail before the play stops',
    {
      title: 'a percentage',
      anyOf: [
        {type: 'number', minimum: 0},
        {type: 'string', pattern: String.raw`^\d+(\.\d+)?%?$|\{\{`},
      ],
    },
    30,
  ),
  ...everywhere,
  vars_files: keyword(
    'Files of variables, relative to the playbook; stronger than `vars`',
    {title: 'a list of files', anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}]},
    ['vars/sites.yml'],
  ),
  pre_tasks: keyword('Tasks before the roles', list('tasks'), [{debug: {msg: 'begin'}}]),
  roles: keyword('Roles, by name or as mappings', list('roles'), ['vrrp']),
  tasks: keyword('Tasks after the roles', list('tasks'), [{service: {name: 'chrony', state: 'started'}}]),
  post_tasks: keyword('Tasks after these', list('tasks'), [{debug: {msg: 'end'}}]),
  handlers: keyword('Tasks that run where something that notifies them has changed', list('handlers'), [
    {name: 'reload chrony', service: {name: 'chrony', state: 'reloaded'}},
  ]),
  drill: keyword(
    'A failover drill of the pairs of these hosts, instead of tasks and roles: see the guide to drills',
    {secret: true, title: 'a mapping with paths and scenarios', type: 'object'},
    {paths: {internet: {from: 'client', ping: '10.10.0.1'}}, scenarios: []},
  ),
  audit: keyword(
    'An audit of these hosts, instead of tasks and roles: see the guide to audits',
    {secret: true, title: 'a mapping with controls', type: 'object'},
    {
      controls: [
        {id: 'time', title: 'The clock is right', rationale: 'logs', severity: 'low', resources: ['service chrony']},
      ],
    },
  ),
  diagnose: keyword(
    'Looks for the cause of these complaints on the pairs of these hosts, instead of tasks and roles: see the guide to day two',
    {title: 'a list of flows', type: 'array', minItems: 1, items: {enum: [...flows]}},
    [...flows],
  ),
}

const importPlaybook = keyword(
  'The other playbook, relative to this one',
  {type: 'string', minLength: 1, title: 'the path of a playbook'},
  'monitor.yml',
)
export const importPlaybookNames = [
  'import_playbook',
  'ansible.builtin.import_playbook',
  'ansible.legacy.import_playbook',
]
export const importPlaybookKeywords = {
  name,
  ...Object.fromEntries(importPlaybookNames.map(key => [key, importPlaybook])),
  vars: keyword(
    'Variables for its plays, stronger than their own',
    {type: 'object', secret: true, title: 'a mapping'},
    {name: 'value'},
  ),
  tags,
  when,
}
