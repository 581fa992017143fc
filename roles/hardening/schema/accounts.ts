export const accountsSchema = {
  accounts: {type: 'boolean', default: true, description: 'Whether this role keeps accounts of operators and sudo.'},
  operators: {
    type: 'array',
    default: [],
    description:
      'Accounts of people. Each belongs to the first of `ssh_groups`; keys that are not listed are removed from it.',
    examples: [[{name: 'alice', keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFYl3Zf alice'], sudo: 'nopasswd'}]],
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: {type: 'string', pattern: '^[a-z_][a-z0-9_-]{0,30}$', description: 'Name of the account.'},
        comment: {type: 'string', description: 'Whose it is.'},
        keys: {
          type: 'array',
          items: {type: 'string', pattern: '^(ssh|ecdsa|sk-)'},
          description: 'Public keys; none where certificates are used.',
        },
        groups: {type: 'array', items: {type: 'string'}, description: 'Further groups.'},
        sudo: {
          type: 'string',
          enum: ['none', 'nopasswd'],
          description: '`nopasswd`: may become root (accounts have no password to ask for). Unless given, `none`.',
        },
      },
    },
  },
  accounts_removed: {
    type: 'array',
    items: {type: 'string', pattern: '^[a-z_][a-z0-9_-]{0,30}$'},
    default: [],
    description: 'Accounts that are removed; home directories stay.',
  },
} as const
