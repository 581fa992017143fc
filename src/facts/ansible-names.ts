/** Ansible's facts that every host has here, besides one mapping for each network device. */
export const ansibleNames: readonly string[] = `
all_ipv4_addresses all_ipv6_addresses apparmor architecture default_ipv4 default_ipv6 distribution
distribution_file_variety distribution_major_version distribution_minor_version distribution_release
distribution_version dns domain effective_user_id fips fqdn hostname interfaces kernel kernel_version machine
machine_id memtotal_mb mounts nodename os_family pkg_mgr processor processor_cores processor_count
processor_threads_per_core processor_vcpus real_group_id real_user_id selinux service_mgr swaptotal_mb system
user_dir user_gecos user_gid user_id user_shell user_uid userspace_architecture userspace_bits`
  .trim()
  .split(/\s+/)

const changes = 'it changes from one moment to the next, and a plan must not'
const python = 'no Python is needed on the target'
const notBuilt = 'it is not built'

/** Ansible's facts that are not there, with the reason and what to use instead. */
export const missingAnsibleFacts: Readonly<Record<string, readonly [why: string, fix?: string]>> = {
  date_time: [changes, 'pass the date with -e'],
  memfree_mb: [changes, 'use ansible_memtotal_mb'],
  swapfree_mb: [changes, 'use ansible_swaptotal_mb'],
  memory_mb: [changes, 'use ansible_memtotal_mb'],
  loadavg: [changes],
  uptime_seconds: [changes],
  env: [
    'a session of ours has other variables than one of Ansible',
    'use ansible_user_dir, ansible_user_id or ansible_user_shell',
  ],
  python: [python],
  python_version: [python],
  selinux_python_present: [python],
  local: ['files in /etc/ansible/facts.d are not read', 'write a role with a fact of its own'],
  virtualization_type: ['Ansible guesses it from many files', 'use facts.virtualisation.type'],
  virtualization_role: ['Ansible guesses it from many files', 'use facts.virtualisation.container'],
  virtualization_tech_guest: ['Ansible guesses it from many files', 'use facts.virtualisation.type'],
  virtualization_tech_host: ['Ansible guesses it from many files', 'use facts.virtualisation.type'],
  devices: [notBuilt, 'write a role with a fact of its own'],
  device_links: [notBuilt],
  lvm: [notBuilt],
  lsb: ['it needs a program that Debian does not install', 'use ansible_distribution_release'],
  cmdline: [notBuilt, 'write a role with a fact of its own'],
  proc_cmdline: [notBuilt],
  processor_nproc: ['it depends on the processors that the module may use', 'use ansible_processor_vcpus'],
  is_chroot: [notBuilt],
  effective_group_id: [notBuilt, 'use ansible_user_gid'],
  system_capabilities: [notBuilt],
  system_capabilities_enforced: [notBuilt],
  distribution_file_path: [notBuilt, 'use ansible_distribution'],
  distribution_file_parsed: [notBuilt, 'use ansible_distribution'],
  iscsi_iqn: [notBuilt],
  hostnqn: [notBuilt],
  fibre_channel_wwn: [notBuilt],
  ssh_host_key_rsa_public: [notBuilt],
  ssh_host_key_ed25519_public: [notBuilt],
  ssh_host_key_ecdsa_public: [notBuilt],
  ...Object.fromEntries(
    'bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version chassis_asset_tag chassis_serial chassis_vendor chassis_version form_factor product_name product_serial product_uuid product_version system_vendor'
      .split(' ')
      .map(name => [name, [notBuilt, 'write a role with a fact of its own'] as const]),
  ),
}
