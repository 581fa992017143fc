import type {Diagnostic} from '../diagnostic.ts'

type Hint = Pick<Diagnostic, 'what' | 'rule'> & {readonly fix?: string}

const later: Readonly<Record<string, string>> = {
  action: "write the module as a key: 'command: uptime'",
  local_action: "write the module as a key, and 'delegate_to: localhost'",
  register: 'write a role with a fact and decide in its view.ts',
  block: 'list the tasks one by one',
  rescue: 'a failed task stops its host',
  with_items: "write 'loop:'",
  with_dict: 'write \'loop: "{{ … | dict2items }}"\'',
  with_together: 'write \'loop: "{{ … | zip(…) }}"\'',
  loop_control: "the variable of a loop is 'item'",
  delegate_to: 'write a task of a role (task: role.name), which reaches its peers',
  run_once: 'write a play for one host: hosts: group[0]',
  changed_when: "give exec its guards 'creates', 'unless' or 'only_if'",
  failed_when: 'an exec fails when it exits with anything but 0',
  ignore_errors: 'remove it: a failure stops its host',
  any_errors_fatal: 'remove it: a batch does not start after a failed one',
  max_fail_percentage: 'remove it: a batch does not start after a failed one',
  until: 'write a task of a role',
  retries: 'write a task of a role',
  async: 'remove it: steps survive a lost connection',
  poll: 'remove it: steps survive a lost connection',
  check_mode: 'remove it: a plan is the same in check mode and in apply mode',
  diff: 'remove it: a plan is the same in check mode and in apply mode',
  environment: "put 'VAR=value' before the command of exec",
  include_tasks: 'put the tasks into a role, or into the playbook',
  import_tasks: 'put the tasks into a role, or into the playbook',
  include_role: "list the role below 'roles:'",
  import_role: "list the role below 'roles:'",
  include_vars: "write 'vars_files:' in the play",
  set_fact: "write 'vars:'",
  vars_prompt: 'pass the value with -e',
  listen: "notify the handler by its 'name'",
  strategy: 'remove it: every host runs on its own up to the end of the play',
  connection: 'remove it: hosts are reached over SSH',
  no_log: 'remove it: secrets are never shown',
  throttle: "write 'serial:' in the play",
  become_method: 'remove it: sudo is used',
  become_flags: 'remove it: sudo is used',
  collections: 'remove it',
  debug: 'remove it: -v shows variables',
  assert: 'write problems() in a role',
  fail: 'write problems() in a role',
  meta: 'remove it: handlers run at the end of the play',
  wait_for: 'write a task of a role',
  setup: "write 'gather_facts: true' in the play",
}

const elsewhere: Readonly<Record<string, string>> = {
  apt: 'package',
  yum: 'package',
  dnf: 'package',
  copy: 'file',
  template: 'file',
  lineinfile: 'file',
  blockinfile: 'file',
  systemd: 'service',
  systemd_service: 'service',
  command: 'exec',
  shell: 'exec',
  script: 'exec',
  raw: 'exec',
  sudo: 'become',
}

/** What to say about a key that Ansible has and this engine lacks or calls otherwise. */
export const ansibleHint = (key: string): Hint | undefined => {
  const name = key.replace(/^ansible\.(builtin|posix|legacy)\./, '')
  const other = elsewhere[name]
  if (other !== undefined)
    return {
      rule: 'not-supported',
      what: `'${key}' is called '${other}' here`,
      fix: `write '${other}:' with its own parameters`,
    }
  const fix = later[name] ?? (name.startsWith('with_') ? "write 'loop:'" : undefined)
  if (fix !== undefined) return {rule: 'not-supported', what: `'${key}' is not supported yet`, fix}
  return key === name
    ? undefined
    : {rule: 'not-supported', what: `'${key}' is called '${name}' here`, fix: `write '${name}:'`}
}
