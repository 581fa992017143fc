/** Ansible's connection variables that are honoured here, with what they set. */
export const connectionVariables = [
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_password',
  'ansible_ssh_private_key_file',
  'ansible_private_key_file',
  'ansible_ssh_timeout',
  'ansible_timeout',
  'ansible_become',
  'ansible_become_user',
  'ansible_become_password',
  'ansible_become_method',
  'ansible_connection',
  'ansible_ssh_host',
  'ansible_ssh_port',
  'ansible_ssh_user',
  'ansible_ssh_pass',
  'ansible_ssh_password',
  'ansible_become_pass',
  'ansible_group_priority',
  'ansible_become_exe',
  'ansible_become_flags',
  'ansible_ssh_args',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
  'ansible_ssh_executable',
  'ansible_ssh_private_key_passphrase',
] as const

/** They concern only Ansible's own machinery on the target; reading an existing inventory must not fail on them. */
export const ignoredVariables = [
  'ansible_python_interpreter',
  'ansible_shell_type',
  'ansible_shell_executable',
  'ansible_remote_tmp',
  'ansible_ssh_pipelining',
  'ansible_pipelining',
  'ansible_ssh_retries',
  'ansible_ssh_transfer_method',
  'ansible_network_os',
] as const

/** Ignoring these would connect in another way than the inventory says. */
export const unsupportedVariables: ReadonlyMap<string, string> = new Map([
  ['ansible_sftp_extra_args', 'options of the sftp program are not supported'],
  ['ansible_scp_extra_args', 'options of the scp program are not supported'],
  ['ansible_ssh_host_key_checking', 'host keys are always checked'],
  ['ansible_host_key_checking', 'host keys are always checked'],
])

/** Variables of the engine itself. */
export const ownVariables = [
  'gatewright_known_hosts',
  'gatewright_host_key',
  'gatewright_confirm_seconds',
  'gatewright_accept_new',
  'gatewright_transport',
  'gatewright_jump',
  'gatewright_ssh_config',
] as const

const names = new Set<string>([...connectionVariables, ...ignoredVariables, ...unsupportedVariables.keys()])

/** Whether a name that no file defines can only be a fact of the host. */
export const isFactName = (name: string): boolean =>
  name === 'facts' || name === 'ansible_facts' || (name.startsWith('ansible_') && !names.has(name))
