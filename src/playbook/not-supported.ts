import type {Diagnostic} from '../diagnostic.ts'

type Hint = Pick<Diagnostic, 'what' | 'why' | 'rule' | 'fix'>
type Reason = {readonly why?: string; readonly fix: string}

const steps = {why: 'every step survives a lost connection', fix: 'remove it'}
const sameInBoth = {why: 'a plan is the same in check mode and in apply mode', fix: 'remove it'}
const oneConnection = {why: 'a host is reached once for all plays'}
const including = {why: 'what will be done is known before the first connection'}

/** Keywords and actions of Ansible that are refused wherever they stand. */
export const refused: Readonly<Record<string, Reason>> = {
  async: steps,
  poll: steps,
  check_mode: sameInBoth,
  diff: sameInBoth,
  throttle: {fix: "write 'serial:' in the play"},
  timeout: {fix: 'remove it, or put timeout(1) before the command'},
  debugger: {fix: 'remove it'},
  ignore_unreachable: {why: 'nothing can be said of a host that does not answer', fix: 'remove it'},
  delegate_facts: {why: 'facts belong to the host that they were asked from', fix: 'remove it'},
  module_defaults: {why: 'a task says all that it does', fix: 'write the parameters in every task, or as variables'},
  become_flags: {fix: 'remove it'},
  become_exe: {fix: 'remove it'},
  collections: {fix: 'remove it'},
  strategy: {why: 'every host runs on its own up to the end of the play', fix: "remove it; 'serial' sets batches"},
  force_handlers: {why: 'what a handler owes is found by the next run', fix: 'remove it'},
  gather_subset: {why: 'facts are asked in one request', fix: 'remove it'},
  gather_timeout: {why: 'facts are asked in one request', fix: 'remove it'},
  fact_path: {fix: 'write a fact in a role'},
  vars_prompt: {why: 'nothing waits for a keyboard', fix: 'pass the value with -e'},
  user: {fix: "write 'remote_user:'"},
  sudo: {fix: "write 'become:'"},
  port: {...oneConnection, fix: 'set ansible_port in the inventory'},
  remote_user: {...oneConnection, fix: 'set it for the play, or ansible_user in the inventory'},
  connection: {...oneConnection, fix: 'set ansible_connection in the inventory'},
  action: {fix: "write the module's name as the key"},
  local_action: {fix: "write the module's name as the key, and 'delegate_to: localhost'"},
  include: {...including, fix: "write 'import_tasks:'"},
  include_tasks: {...including, fix: "write 'import_tasks:', with 'when' and 'tags' for each of its tasks"},
  include_role: {...including, fix: "list the role below 'roles:'"},
  import_role: {fix: "list the role below 'roles:'"},
  include_vars: {...including, fix: "write 'vars_files:' in the play"},
  set_fact: {...including, fix: "write 'vars:' in the play, a block or the task"},
  add_host: {why: 'the hosts of a run are those of the inventory', fix: 'add the host to the inventory'},
  group_by: {why: 'the groups of a run are those of the inventory', fix: "write 'when:', or a group in the inventory"},
  pause: {why: 'nothing but until waits during a run', fix: "write 'until:' and 'delay:' for a command"},
  wait_for_connection: {fix: 'remove it: a lost connection is made again'},
  setup: {fix: "write 'gather_facts: true' in the play"},
  gather_facts: {fix: "write 'gather_facts: true' in the play"},
  with_list: {fix: "write 'loop:'"},
  with_dict: {fix: 'write loop: "{{ … | dict2items }}"'},
  with_flattened: {fix: 'write loop: "{{ … | flatten }}"'},
  with_together: {fix: 'write loop: "{{ … | zip(…) | list }}"'},
  with_indexed_items: {fix: "write 'loop:' with loop_control: {index_var: …}"},
  with_nested: {fix: 'write loop: "{{ … | product(…) | list }}"'},
  with_cartesian: {fix: 'write loop: "{{ … | product(…) | list }}"'},
  with_subelements: {fix: 'write loop: "{{ … | subelements(…) }}"'},
  with_sequence: {fix: 'write loop: "{{ range(…) | list }}"'},
  with_inventory_hostnames: {fix: 'write loop: "{{ groups[\'…\'] }}"'},
  with_fileglob: {fix: 'write loop: "{{ query(\'fileglob\', …) }}"'},
  with_first_found: {fix: 'write loop: "{{ query(\'first_found\', …) }}"'},
  with_lines: {fix: 'register a command and loop over its stdout_lines'},
  with_random_choice: {why: 'the same input gives the same plan', fix: 'choose in the inventory'},
}

/** What is refused only there. */
const refusedIn: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  'a block': {
    loop: {fix: 'loop in each of its tasks'},
    register: {fix: 'register in each of its tasks'},
  },
  'an import': {
    loop: {...including, fix: 'loop in each of its tasks'},
    with_items: {...including, fix: 'loop in each of its tasks'},
    register: {fix: 'register in each of its tasks'},
  },
  'a handler': {
    block: {why: 'as in Ansible, a handler is one task', fix: "list the tasks one by one, with one 'listen' topic"},
  },
  'a play': {
    port: {fix: 'set ansible_port in the inventory'},
    when: {fix: 'write it in the tasks, or in a block around them'},
    register: {fix: 'register in each of its tasks'},
  },
}

const elsewhere: Readonly<Record<string, string>> = {
  yum: 'package',
  dnf: 'package',
  script: 'exec',
  raw: 'exec',
}

/** What to say about a key that Ansible has and this engine lacks or calls otherwise; `owner` is such as 'a task'. */
export const ansibleHint = (key: string, owner: string): Hint | undefined => {
  const name = key.replace(/^ansible\.(builtin|posix|legacy)\./, '')
  const reason = refusedIn[owner]?.[name] ?? refused[name]
  if (reason) return {rule: 'not-supported', what: `'${key}' is not supported in ${owner}`, ...reason}
  const other = elsewhere[name]
  if (other !== undefined)
    return {
      rule: 'not-supported',
      what: `'${key}' is called '${other}' here`,
      fix: `write '${other}:' with its own parameters`,
    }
  return name.startsWith('with_')
    ? {rule: 'not-supported', what: `'${key}' is not supported in ${owner}`, fix: "write 'loop:'"}
    : undefined
}
