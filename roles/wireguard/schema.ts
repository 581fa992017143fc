const name = '^[a-zA-Z0-9][a-zA-Z0-9_.@-]{0,62}$'
const key = {type: 'string', pattern: '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$'} as const
const date = {type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d$'} as const
const prefix = {type: 'string', pattern: '^[0-9a-fA-F.:]+(/\\d{1,3})?$'} as const

const peer = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'public_key'],
  properties: {
    name: {type: 'string', pattern: name, description: 'What logs call it.'},
    host: {type: 'string', description: 'Host of the inventory at the far end: both ends are then compared.'},
    public_key: {...key, description: 'Its public key.'},
    next_public_key: {...key, description: 'The key that it will have next: accepted beside the present one.'},
    preshared_key: {...key, secret: true, description: 'Secret that only these two know, equal at both ends.'},
    endpoint: {
      type: 'string',
      pattern: '^([a-zA-Z0-9.-]+|\\[[0-9a-fA-F:]+\\]):\\d{1,5}$',
      description: 'Address or name, and port, at which it is reached; absent: it comes to us.',
    },
    allowed_ips: {
      type: 'array',
      items: prefix,
      description: 'Addresses and prefixes behind it: what may come from there and is sent there.',
    },
    keepalive: {
      type: 'integer',
      minimum: 0,
      maximum: 65535,
      description: 'Seconds between two signs of life; 0 sends none. Absent: 5.',
    },
    owner: {type: 'string', description: 'Who answers for it.'},
    created: {...date, description: 'Day on which its key was made.'},
    rotate_by: {...date, description: 'Day by which it needs a new key.'},
  },
} as const

/** Variables of the role, each with the prefix `wireguard_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['devices'],
  properties: {
    devices: {
      type: 'array',
      description: 'The tunnel devices of the host.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'private_key', 'addresses', 'peers'],
        properties: {
          name: {type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,13}$', description: 'Name of the device: `wg0`.'},
          id: {
            type: 'integer',
            minimum: 0,
            maximum: 254,
            description: 'Its number, from which port, mark and table follow; absent: the one at the end of its name.',
          },
          private_key: {...key, secret: true, description: 'Its private key, encrypted with Ansible Vault.'},
          next_private_key: {
            ...key,
            secret: true,
            description: 'The key that `wireguard.rotate` gives it; its peers accept it already.',
          },
          addresses: {
            type: 'array',
            minItems: 1,
            items: {type: 'string', pattern: '^[0-9a-fA-F.:]+/\\d{1,3}$'},
            description: 'Its own addresses, with prefix length.',
          },
          port: {type: 'integer', minimum: 1, maximum: 65535, description: 'UDP port; absent: 51820 + id.'},
          mtu: {
            type: 'integer',
            minimum: 576,
            maximum: 65455,
            description: 'Largest packet in it; absent: that of its link less 60 (far ends all IPv4) or 80 bytes.',
          },
          link: {
            type: 'string',
            description: 'Link that carries its packets, whatever the main table says; absent: the main table decides.',
          },
          gateway: {...prefix, description: "IPv4 router on that link; absent: the link's own."},
          gateway6: {...prefix, description: "IPv6 router on that link; absent: the link's own."},
          source: {
            type: 'array',
            items: prefix,
            description:
              'With `link`: addresses that its packets come from, one of a family: virtual ones with `follow`.',
          },
          routes: {
            type: 'boolean',
            description: 'Whether `allowed_ips` become routes of the main table; absent: no, mwan or BGP has them.',
          },
          follow: {
            type: 'string',
            description: 'VRRP instance or group: one key on both gateways, and the device is up on the master alone.',
          },
          created: {...date, description: 'Day on which its key was made.'},
          rotate_by: {...date, description: 'Day by which it needs a new key.'},
          peers: {type: 'array', items: peer, description: 'The far ends.'},
        },
      },
    },
    heartbeat: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 10,
      description: 'Seconds within which each end must hear of the other; a slower keepalive is refused.',
    },
    max_key_age: {
      type: 'integer',
      minimum: 0,
      default: 365,
      description: 'Days after `created` from which on a key is refused; 0: never.',
    },
    sync_link: {
      type: 'string',
      default: 'sync',
      description: "With `follow`: link between the two gateways, on which the standby learns its peers' endpoints.",
    },
    sync_port: {type: 'integer', minimum: 1, maximum: 65535, default: 51819, description: 'TCP port there.'},
    first_table: {
      type: 'integer',
      minimum: 1,
      default: 2000,
      description: 'Routing table of a device with a link: this + id.',
    },
    rule_priority: {
      type: 'integer',
      minimum: 1,
      maximum: 32000,
      default: 9000,
      description: 'Priority of its ip rule: this + id; before those of mwan and before main (32766).',
    },
    mark_mask: {
      type: 'integer',
      minimum: 255,
      default: 0xff0000,
      description: 'Eight neighbouring bits of the packet mark that belong to this role: id + 1 stands in them.',
    },
  },
} as const
