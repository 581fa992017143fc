const prefix = {
  type: 'string',
  pattern: '^[0-9a-fA-F:.]+/\\d{1,3}$',
} as const
const asn = {type: 'integer', minimum: 1, maximum: 4294967294} as const

const neighbors = {
  type: 'array',
  default: [],
  description: 'The routers to speak BGP with. Those of the other gateway of the pair are derived, see `bgp_ibgp`.',
  examples: [
    [{address: '192.0.2.1', asn: 64500, link: 'wan-a', class: 'transit'}],
    [{address: '2001:db8:a::1', asn: 64500, link: 'wan-a', class: 'transit', import: 'full', bfd: 'direct'}],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['address', 'asn', 'link', 'class'],
    properties: {
      address: {type: 'string', description: 'Its IPv4 or IPv6 address; the session carries routes of that family.'},
      asn: {...asn, description: 'Its autonomous system number.'},
      link: {
        type: 'string',
        description:
          'Name of the link (in `links`) on which it is, or device of a tunnel that a role of the host makes.',
      },
      class: {
        enum: ['transit', 'peer', 'ibgp'],
        description:
          'What it is to us: a provider, another network that announces itself, a router of our own. Decides on the defaults of `import` and `max_prefix`.',
      },
      description: {type: 'string', pattern: '^\\S.{0,78}\\S$', description: 'For people.'},
      password: {
        type: 'string',
        minLength: 1,
        maxLength: 80,
        pattern: '^[!-~]+$',
        secret: true,
        description: 'TCP MD5 password (RFC 2385), from a vault.',
      },
      bfd: {
        anyOf: [{type: 'string'}, {enum: [false]}],
        default: 'wan',
        description: 'Name of the profile in `bgp_bfd_profiles`; false: only hold time notices its silence.',
      },
      gtsm: {
        type: 'boolean',
        default: true,
        description: 'Packets must come from the same segment (RFC 5082, TTL 255). The neighbor needs it too.',
      },
      multihop: {
        type: 'integer',
        minimum: 2,
        maximum: 255,
        description: 'It is this many hops away; then `gtsm` has to be false and a password is needed.',
      },
      import: {
        enum: ['default', 'full', 'list'],
        description:
          'What is accepted: only its default route, everything that is no bogon, or what `import_list` holds. Of a transit `default`, else `full`, unless given.',
      },
      import_list: {
        type: 'array',
        items: prefix,
        description: 'Prefixes that are accepted with `import: list`, exactly or longer up to /24 and /48.',
      },
      import_map: {type: 'string', description: 'Name of a route map in `bgp_extra_config` that decides instead.'},
      export_map: {type: 'string', description: 'Name of a route map in `bgp_extra_config` that decides instead.'},
      preference: {
        type: 'integer',
        minimum: 1,
        maximum: 4294967295,
        default: 100,
        description: 'Local preference of its routes: the highest wins.',
      },
      max_prefix: {
        type: 'integer',
        minimum: 1,
        maximum: 4294967295,
        description: 'The session ends when more routes than this are accepted. By `import` and `class` unless given.',
      },
      communities: {
        type: 'array',
        items: {type: 'string', pattern: '^\\d{1,5}:\\d{1,5}$'},
        default: [],
        description: 'Communities that it gets with our announcements.',
      },
      prepend: {
        type: 'integer',
        minimum: 0,
        maximum: 10,
        default: 0,
        description: 'How often our number is put before our announcements, besides what `bgp_standby_prepend` adds.',
      },
      med: {
        type: 'integer',
        minimum: 0,
        maximum: 4294967000,
        default: 100,
        description: 'Metric of our announcements.',
      },
      next_hop: {
        type: 'string',
        description:
          'Address that our announcements name as next hop: a virtual address on that segment, so that packets follow it without any update.',
      },
      soft_inbound: {
        type: 'boolean',
        default: false,
        description: 'Keep what it sent and was refused, to look at (`show bgp neighbors ADDRESS received-routes`).',
      },
      shutdown: {type: 'boolean', default: false, description: 'The session is kept down.'},
    },
  },
} as const

/** Variables of the role, each with the prefix `bgp_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['asn', 'router_id'],
  properties: {
    asn: {...asn, description: 'Our autonomous system number, 2 or 4 bytes.', examples: [64512, 4200000001]},
    router_id: {
      type: 'string',
      pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$',
      description: 'BGP identifier: an IPv4 address of this gateway, unlike that of any other router.',
      examples: ['10.10.0.2'],
    },
    networks: {
      type: 'array',
      items: prefix,
      default: [],
      description: 'Prefixes to announce, IPv4 and IPv6. They are never accepted from anybody.',
      examples: [['203.0.113.128/25', '2001:db8:5000::/48']],
    },
    allocations: {
      type: 'array',
      items: prefix,
      default: [],
      description:
        'What the registry has given to us: `bgp_networks` must lie in it (bgp-network). Empty: not checked.',
    },
    neighbors,
    ibgp: {
      type: 'boolean',
      default: true,
      description: 'Whether the gateways of a pair tell each other what they have learned, over `bgp_ibgp_link`.',
    },
    ibgp_link: {type: 'string', default: 'sync', description: 'Name of the link between the gateways of the pair.'},
    ibgp_password: {
      type: 'string',
      minLength: 1,
      maxLength: 80,
      pattern: '^[!-~]+$',
      secret: true,
      description: 'TCP MD5 password of the session between the gateways, equal on both, from a vault.',
    },
    ibgp_bfd: {type: 'string', default: 'wan', description: 'BFD profile of the session between the gateways.'},
    follow: {
      type: 'string',
      default: 'gateway',
      description:
        'Name of the VRRP group whose master announces best, so that what returns meets the gateway that knows the connection. Empty: announce always.',
    },
    standby: {
      enum: ['worse', 'nothing'],
      default: 'worse',
      description:
        'What the backup announces. `worse` needs no new route when the master dies, only the loss of the better one.',
    },
    standby_prepend: {
      type: 'integer',
      minimum: 0,
      maximum: 10,
      default: 2,
      description: 'How often the backup puts our number before its announcements.',
    },
    keepalive: {type: 'integer', minimum: 1, maximum: 21845, default: 3, description: 'Seconds between keepalives.'},
    hold: {
      type: 'integer',
      minimum: 3,
      maximum: 65535,
      default: 9,
      description: 'Seconds of silence after which a session is dead where BFD does not tell sooner.',
    },
    connect_retry: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 5,
      description: 'Seconds until the next attempt to connect.',
    },
    reroute_limit: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 10,
      description:
        'Seconds in which the silence of a neighbor must be noticed. Slower timers are refused (bgp-budget).',
    },
    bfd_limit: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description: 'The same for neighbors with BFD: interval times multiplier of their profile (bgp-budget).',
    },
    bfd_profiles: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['interval', 'multiplier'],
        properties: {
          interval: {type: 'integer', minimum: 10, maximum: 4294, description: 'Milliseconds between packets.'},
          multiplier: {type: 'integer', minimum: 2, maximum: 255, description: 'Packets that must be missing.'},
        },
      },
      default: {wan: {interval: 300, multiplier: 3}, direct: {interval: 100, multiplier: 3}},
      description: 'BFD timers by name (RFC 5880). 50 ms and less need realtime-grade hosts.',
    },
    bogons: {
      type: 'array',
      items: prefix,
      description: 'Prefixes never accepted nor announced, with all in them. Unless given: RFC 6890, see the README.',
    },
    max_prefix_restart: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 30,
      description: 'Minutes until a session that had too many routes is tried again.',
    },
    ready_limit: {
      type: 'integer',
      minimum: 1,
      maximum: 3600,
      default: 60,
      description:
        'Seconds after which a gateway may become VRRP master though not every neighbor has sent its routes.',
    },
    extra_config: {
      type: 'array',
      items: {type: 'string'},
      default: [],
      description:
        'Lines of frr.conf for what the role does not know, as `show running-config` prints them. They are checked like the rest.',
      examples: [['route-map CUSTOMER permit 10', ' set local-preference 200', 'exit']],
    },
  },
} as const
