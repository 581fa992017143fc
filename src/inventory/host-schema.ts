const portSchema = {
  secret: true,
  description: 'a TCP port, 1 to 65535',
  anyOf: [
    {type: 'integer', minimum: 1, maximum: 65535},
    {type: 'string', pattern: String.raw`^\d{1,5}$`},
  ],
} as const
const seconds = {
  description: 'seconds, at least 1',
  anyOf: [
    {type: 'number', minimum: 1},
    {type: 'string', pattern: String.raw`^[1-9]\d*$`},
  ],
} as const
const text = {type: 'string', minLength: 1} as const
const yes = {
  description: 'true or false',
  anyOf: [{type: 'boolean'}, {type: 'string', pattern: '^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o)$'}],
} as const
const address = {
  type: 'string',
  pattern: String.raw`^[0-9a-fA-F:.]+$`,
  description: 'an IP address',
  examples: ['10.10.0.1'],
} as const

const linkSchema = {
  type: 'object',
  description: 'an interface of this host',
  additionalProperties: false,
  required: ['device', 'addresses'],
  properties: {
    device: {
      type: 'string',
      pattern: String.raw`^[^\s/]{1,15}$`,
      description: 'the name of a network device',
      examples: ['eth0'],
    },
    addresses: {
      type: 'array',
      description: 'a list of addresses with prefix length',
      items: {
        type: 'string',
        pattern: String.raw`^[0-9a-fA-F:.]+/\d{1,3}$`,
        description: 'an address with prefix length',
        examples: ['10.10.0.2/24'],
      },
    },
    gateway: address,
    rate: {type: 'number', exclusiveMinimum: 0, description: 'the contracted rate in Mbit/s', examples: [100]},
    mtu: {
      type: 'integer',
      minimum: 576,
      maximum: 65535,
      description: 'the largest packet in bytes; 1500 unless given',
      examples: [9000],
    },
  },
} as const

const hostKey = {
  type: 'string',
  pattern: String.raw`^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,3}( .*)?$`,
} as const

/** Connection variables and the engine's own variables of a host. */
export const hostSchema = {
  type: 'object',
  properties: {
    ansible_host: {...text, secret: true, description: 'an address or a name', examples: ['192.0.2.10']},
    ansible_port: portSchema,
    ansible_user: {...text, secret: true, description: 'a user name', examples: ['root']},
    ansible_password: {type: 'string', secret: true},
    ansible_ssh_private_key_file: {...text, secret: true, description: 'the path of a private key'},
    ansible_ssh_timeout: seconds,
    ansible_become: yes,
    ansible_become_user: text,
    ansible_become_password: {type: 'string', secret: true},
    ansible_become_method: {enum: ['sudo', 'su']},
    ansible_become_exe: text,
    ansible_become_flags: {type: 'string'},
    ansible_connection: {enum: ['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'local']},
    ansible_ssh_private_key_passphrase: {type: 'string', secret: true},
    ansible_ssh_args: {type: 'string'},
    ansible_ssh_common_args: {type: 'string', examples: ['-J admin@bastion.example']},
    ansible_ssh_extra_args: {type: 'string'},
    ansible_ssh_executable: {...text, description: 'a program'},
    gatewright_transport: {enum: ['ssh2', 'openssh']},
    gatewright_jump: {
      description: 'user@host:port or the name of a host of the inventory, or a list of them',
      anyOf: [text, {type: 'array', items: text}],
      examples: [['admin@bastion.example:22']],
    },
    gatewright_ssh_config: {...text, description: "the path of an ssh_config file, or 'none'"},
    gatewright_accept_new: yes,
    gatewright_known_hosts: {
      description: 'the path of a known_hosts file, or a list of them',
      anyOf: [text, {type: 'array', items: text, minItems: 1}],
    },
    gatewright_host_key: {
      description: 'a public host key as in known_hosts, without the name of the host, or a list of them',
      anyOf: [hostKey, {type: 'array', items: hostKey, minItems: 1}],
      examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…'],
    },
    gatewright_confirm_seconds: {
      description: 'seconds, 5 to 3600, in which a change that can cut the way to the host has to be confirmed (60)',
      anyOf: [
        {type: 'number', minimum: 5, maximum: 3600},
        {type: 'string', pattern: String.raw`^[1-9]\d{0,3}$`},
      ],
    },
    pair: {...text, description: 'the name of the pair, the same on both hosts', examples: ['frankfurt']},
    pair_settle_seconds: seconds,
    stands_in_for: {
      ...text,
      description: 'the name of a pair that this host replaces when all of it is lost, and does nothing until then',
      examples: ['frankfurt'],
    },
    site: {...text, description: 'the name of the site', examples: ['frankfurt']},
    drill_lab: yes,
    drill_hands: {
      type: 'array',
      minItems: 1,
      items: text,
      description: 'a program of this machine and its first arguments',
      examples: [['bin/hands', '--rack', '4']],
    },
    drill_window: {
      type: 'array',
      items: {type: 'string', pattern: String.raw`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d-\d\d:\d\d$`},
      description: 'times of the week, such as Sun 02:00-05:00, by the clock of this machine',
      examples: [['Sun 02:00-05:00']],
    },
    drill_cost_per_hour: {type: 'number', minimum: 0, description: 'a sum of money', examples: [8000]},
    drill_currency: text,
    links: {
      type: 'object',
      description: 'links by name, each with device and addresses',
      additionalProperties: linkSchema,
    },
  },
} as const

/** Other names of the same variable, weaker than it. */
export const aliases: Readonly<Record<string, readonly string[]>> = {
  ansible_host: ['ansible_ssh_host'],
  ansible_port: ['ansible_ssh_port'],
  ansible_user: ['ansible_ssh_user'],
  ansible_password: ['ansible_ssh_password', 'ansible_ssh_pass'],
  ansible_ssh_private_key_file: ['ansible_private_key_file'],
  ansible_ssh_timeout: ['ansible_timeout'],
  ansible_become_password: ['ansible_become_pass'],
}
