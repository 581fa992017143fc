const prefixes = (description: string) => ({type: 'array', items: {type: 'string'}, default: [], description}) as const

const ports = {
  type: 'array',
  items: {anyOf: [{type: 'integer'}, {type: 'string'}]},
  description: 'Destination ports of tcp or udp: numbers, or ranges such as `8000-8010`. Empty: all.',
} as const

const links = {
  anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}, minItems: 1}],
} as const

export const firewallSchema = {
  firewall: {
    type: 'boolean',
    default: true,
    description:
      'Whether this role keeps the packet filter: the nftables table `inet gatewright_filter`, default drop.',
  },
  management_link: {
    type: 'string',
    description:
      'Name of the link over which hosts are managed: SSH and agents are answered there and nowhere else, and nothing is forwarded to or from it. Without it SSH is answered on every link.',
    examples: ['mgmt'],
  },
  management_from: {
    ...prefixes('Addresses and prefixes that may use SSH. Empty: the networks of the management link.'),
    examples: [['10.10.254.0/24', 'fd00:254::/64']],
  },
  allow: {
    type: 'array',
    default: [],
    description: 'Connections to the gateway that are let in besides those that active roles ask for.',
    examples: [[{protocol: 'udp', ports: [53], link: 'lan', purpose: 'resolver'}]],
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['protocol', 'purpose'],
      properties: {
        protocol: {type: 'string', description: '`tcp`, `udp`, `icmp`, `vrrp`, `gre`, `esp` ..., or a number.'},
        ports,
        from: {type: 'array', items: {type: 'string'}, description: 'Who may begin it; empty: everybody.'},
        to: {type: 'array', items: {type: 'string'}, description: 'Addresses of the gateway; empty: all of them.'},
        link: {type: 'string', description: 'The link on which it comes in; absent: every link.'},
        purpose: {type: 'string', minLength: 1, description: 'A few words: the comment in the ruleset.'},
      },
    },
  },
  forward: {
    type: 'array',
    default: [],
    description: 'What is let through from link to link; answers come back by themselves. Everything else is dropped.',
    examples: [[{from: 'lan', to: ['wan-a', 'wan-b']}]],
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      properties: {
        from: {...links, description: 'Names of links on which it comes in.'},
        to: {...links, description: 'Names of links on which it leaves.'},
        source: {type: 'array', items: {type: 'string'}, description: 'Source addresses and prefixes; empty: all.'},
        destination: {type: 'array', items: {type: 'string'}, description: 'Destinations; empty: all.'},
        protocol: {type: 'string', description: 'As in `allow`; absent: every protocol.'},
        ports,
        purpose: {type: 'string', minLength: 1, description: 'A few words: the comment in the ruleset.'},
      },
    },
  },
  uplinks: {
    type: 'array',
    items: {type: 'string'},
    description:
      'Names of the links to the outside. Networks of all other links are accepted as source on these alone (no spoofing). Unless given, the links with a `gateway`.',
    examples: [['wan-a', 'wan-b']],
  },
  echo_rate: {
    type: 'integer',
    minimum: 1,
    default: 1000,
    description: 'Echo requests (ping) a second that the gateway answers, of each protocol family.',
  },
  firewall_log_rate: {
    type: 'integer',
    minimum: 0,
    default: 10,
    description: 'Lines a minute that each chain may log of what it drops; 0: none.',
  },
} as const
