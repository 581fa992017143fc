export const sshdSchema = {
  sshd: {
    type: 'boolean',
    default: true,
    description: 'Whether this role keeps the configuration of the SSH server.',
  },
  ssh_port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    default: 22,
    description: 'Port of the SSH server; the firewall lets it in on the management link.',
  },
  ssh_listen: {
    type: 'string',
    enum: ['management', 'any'],
    default: 'management',
    description:
      'Whether the SSH server listens on the addresses of the management link alone. Without a management link it listens everywhere.',
  },
  ssh_groups: {
    type: 'array',
    items: {type: 'string', pattern: '^[a-z_][a-z0-9_-]*$'},
    minItems: 1,
    default: ['ssh-login', 'sudo'],
    description: 'Groups whose members may log in. The first one is made, and every operator belongs to it.',
  },
  ssh_root_login: {
    type: 'string',
    enum: ['no', 'prohibit-password'],
    default: 'no',
    description: 'Whether root may log in with a key.',
  },
  ssh_user_ca: {
    type: 'array',
    items: {type: 'string', pattern: '^(ssh|ecdsa|sk-)'},
    default: [],
    description: 'Public keys of the authorities whose user certificates are accepted (TrustedUserCAKeys).',
    examples: [['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxW6cGmIn0CtMUyZGGe1iUYFQfBpC0AyMREbUjQhQbK operators']],
  },
  ssh_revoked_keys: {
    type: 'array',
    items: {type: 'string', pattern: '^(ssh|ecdsa|sk-)'},
    default: [],
    description: 'Public keys that are refused from now on, also those of authorities (RevokedKeys).',
  },
  ssh_max_auth_tries: {
    type: 'integer',
    minimum: 2,
    default: 6,
    description:
      'Keys that a client may offer in one connection: an agent with many keys needs as many (CIS asks for 4).',
  },
  ssh_max_startups: {
    type: 'string',
    pattern: '^\\d+:\\d+:\\d+$',
    default: '30:30:120',
    description:
      'Connections at the door: from the first number on some, from the last on all are refused (MaxStartups).',
  },
  ssh_forwarding: {
    type: 'string',
    enum: ['yes', 'local', 'remote', 'no'],
    default: 'local',
    description: 'TCP forwarding: `local` lets the gateway be a jump host (CIS asks for `no`).',
  },
} as const
