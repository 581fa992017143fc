const link = {
  type: 'object',
  additionalProperties: false,
  required: ['addresses'],
  properties: {
    segment: {type: 'string', description: 'Segment that the link joins; default: the one of the same name'},
    addresses: {type: 'array', items: {type: 'string'}, description: 'Addresses with prefix length'},
    gateway: {type: 'string', description: "The provider's router; goes to the inventory, the lab sets no route"},
  },
} as const

const host = {
  type: 'object',
  additionalProperties: false,
  required: ['ssh', 'links'],
  properties: {
    groups: {type: 'array', items: {type: 'string'}, description: 'Inventory groups'},
    ssh: {type: 'integer', minimum: 1024, maximum: 65535, description: 'Port on 127.0.0.1 that leads to its sshd'},
    forwarding: {type: 'boolean', description: 'The lab switches IP forwarding on (gateways leave it to their roles)'},
    packages: {
      type: 'array',
      items: {type: 'string', pattern: '^[a-z0-9][a-z0-9.+-]+$'},
      description: 'Debian packages that are installed before the first boot, with their units disabled',
    },
    disk: {
      type: 'integer',
      minimum: 8,
      description: 'MiB that the host can write, held in memory; default: what the machine has',
    },
    bgp: {
      type: 'object',
      additionalProperties: false,
      required: ['as', 'customer'],
      description:
        'FRR (in packages) plays a provider on each link that it shares with gateways, and announces its loopback',
      properties: {
        as: {
          type: 'integer',
          minimum: 1,
          description: 'AS number of the provider on the first link; the next one on the next',
        },
        customer: {type: 'integer', minimum: 1, description: 'AS number of the gateways'},
      },
    },
    loopback: {type: 'array', items: {type: 'string'}, description: 'Addresses on lo'},
    links: {type: 'object', minProperties: 1, additionalProperties: link},
    routes: {
      type: 'array',
      description: 'Static routes that the lab sets',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['to', 'via'],
        properties: {to: {type: 'string'}, via: {type: 'string'}},
      },
    },
  },
} as const

/** JSON Schema of a topology file: shape only, what spans fields is in topology-problems.ts. */
export const topologySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'control', 'segments', 'hosts'],
  properties: {
    name: {type: 'string', description: 'Names namespaces and directories, so two labs can run side by side'},
    control: {
      type: 'object',
      additionalProperties: false,
      required: ['link', 'addresses'],
      properties: {
        link: {type: 'string', description: 'Segment over which all hosts are managed'},
        addresses: {type: 'array', minItems: 1, items: {type: 'string'}},
      },
    },
    segments: {type: 'object', additionalProperties: {type: 'array', items: {type: 'string'}}},
    reserved: {type: 'array', items: {type: 'string'}, description: 'Addresses that no host may own, such as VIPs'},
    hosts: {type: 'object', minProperties: 1, additionalProperties: host},
  },
} as const
