const address = {
  type: 'string',
  pattern: '^[0-9a-fA-F.:]+/\\d{1,3}$',
  description: "With the prefix length of the link's own subnet.",
} as const
const link = {type: 'string', description: 'Name of a link in the inventory variable `links`.'} as const

/** Variables of the role, each with the prefix `vrrp_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['addresses', 'router_id', 'priority'],
  properties: {
    addresses: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['address', 'link'],
        properties: {address, link},
      },
      description:
        'The virtual addresses, IPv4 and IPv6, which move together: `{address: 10.10.0.1/24, link: lan}`. Equal on both gateways.',
      examples: [[{address: '10.10.0.1/24', link: 'lan'}]],
    },
    router_id: {
      type: 'integer',
      minimum: 1,
      maximum: 255,
      description: 'Virtual router identifier (VRID, RFC 5798 5.2.3): unique in each segment, equal on both gateways.',
      examples: [110],
    },
    priority: {
      type: 'integer',
      minimum: 1,
      maximum: 254,
      description: 'Who becomes master when both start: the higher one. Different on each gateway, 50 apart at best.',
      examples: [200, 150],
    },
    allow_router_id_51: {
      type: 'boolean',
      default: false,
      description: 'Lets router_id be 51, which otherwise is taken for an example that was copied.',
    },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,32}$',
      default: 'gateway',
      description: 'What keepalived, the state file and the hooks call the pair of gateways.',
    },
    layout: {
      enum: ['tracked-single', 'grouped'],
      default: 'tracked-single',
      description:
        '`tracked-single`: one instance that speaks over the sync link and tracks all others; `grouped`: one instance in each segment, in a sync group.',
    },
    sync_link: {
      type: 'string',
      default: 'sync',
      description: 'Link between the two gateways alone: for tracked-single and conntrackd.',
    },
    track_links: {
      type: 'array',
      items: link,
      description:
        'Links without whose cable a gateway gives the addresses away; all that have a virtual address unless given.',
      examples: [['lan', 'wan-a']],
    },
    unicast: {
      type: 'boolean',
      default: false,
      description: 'In grouped: advertisements go to the peers only, for networks without multicast.',
    },
    profile: {
      enum: ['fast', 'standard', 'vm-safe'],
      default: 'fast',
      description: 'An advertisement each 0.1, 0.3 or 1 s; `vm-safe` bears guests that are paused for a second.',
    },
    advert_interval: {
      type: 'number',
      minimum: 0.02,
      maximum: 40.95,
      description:
        'Seconds between advertisements, instead of those of the profile, in steps of 0.01 (RFC 5798 5.2.7 counts centiseconds). Equal on both gateways.',
      examples: [0.1],
    },
    down_timer_adverts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 3,
      description: 'Advertisements that must be missing before the backup takes over. Equal on both gateways.',
    },
    failover_limit: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 3,
      description: 'Seconds that a take-over after a crash may last. A slower configuration is refused (vrrp-budget).',
    },
    preempt: {
      type: 'boolean',
      default: false,
      description: 'Whether the gateway of higher priority takes the addresses back when it returns.',
    },
    preempt_delay: {
      type: 'number',
      minimum: 0,
      maximum: 1000,
      default: 0,
      description: 'With preempt: seconds that it waits before it does.',
    },
    startup_delay: {
      type: 'number',
      minimum: 0,
      maximum: 300,
      default: 0,
      description: 'Seconds that keepalived waits after its start, where links (bonds) pass nothing at first.',
    },
    instances: {
      type: 'array',
      default: [],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'link', 'router_id', 'addresses'],
        properties: {
          name: {type: 'string', pattern: '^[A-Za-z0-9_-]{1,32}$'},
          link,
          router_id: {type: 'integer', minimum: 1, maximum: 255},
          priority: {type: 'integer', minimum: 1, maximum: 254},
          addresses: {type: 'array', minItems: 1, items: address},
          unicast: {type: 'boolean'},
        },
      },
      description:
        'Further instances, each moving by itself and without hooks: `{name, link, router_id, addresses, priority, unicast}`.',
      examples: [[{name: 'dns', link: 'lan', router_id: 53, addresses: ['10.10.0.53/24'], priority: 150}]],
    },
    realtime_priority: {
      type: 'integer',
      minimum: 0,
      maximum: 99,
      default: 50,
      description:
        'SCHED_RR priority of keepalived, so that a busy machine does not miss advertisements; 0 asks for none. Where the host refuses it, keepalived runs without and the run says so.',
    },
    garp_repeat: {
      type: 'integer',
      minimum: 1,
      maximum: 60,
      default: 5,
      description: 'Gratuitous ARP messages sent at once by a new master, and again one second later.',
    },
    garp_refresh: {
      type: 'integer',
      minimum: 0,
      maximum: 3600,
      default: 30,
      description: 'Seconds between gratuitous ARP messages while being master: repairs old entries; 0 sends none.',
    },
    nat: {
      type: 'array',
      default: [],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['link', 'sources', 'address'],
        properties: {
          link,
          sources: {type: 'array', minItems: 1, items: {type: 'string', pattern: '^[0-9a-fA-F.:]+/\\d{1,3}$'}},
          address: {
            type: 'string',
            pattern: '^[0-9a-fA-F.:]+$',
            description: 'One of the virtual addresses of that link.',
          },
        },
      },
      description:
        'What leaves by a link from these sources gets that virtual address (SNAT): `{link: wan-a, sources: [10.10.0.0/24], address: 192.0.2.10}`.',
      examples: [[{link: 'wan-a', sources: ['10.10.0.0/24'], address: '192.0.2.10'}]],
    },
    conntrack: {
      type: 'boolean',
      default: true,
      description: 'Whether conntrackd copies the state of connections to the peer, so that they survive a take-over.',
    },
    conntrack_links: {
      type: 'array',
      minItems: 1,
      maxItems: 4,
      items: link,
      description: 'Links that it may use, the first as long as it works; the sync link unless given.',
      examples: [['sync', 'mgmt']],
    },
    conntrack_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 3780,
      description: 'UDP port of conntrackd.',
    },
    conntrack_max: {
      type: 'integer',
      minimum: 1024,
      maximum: 16777216,
      default: 262144,
      description: 'Connections that the kernel tracks (nf_conntrack_max). conntrackd has room for twice as many.',
    },
    conntrack_direct: {
      type: 'boolean',
      default: true,
      description:
        "Whether connections go straight into the peer's kernel; otherwise they wait in conntrackd and are committed by a new master.",
    },
    conntrack_buffer: {
      type: 'integer',
      minimum: 65536,
      maximum: 268435456,
      default: 2097152,
      description: 'Bytes of the netlink buffer of conntrackd; it may grow to four times as many.',
    },
    ready_timeout: {
      type: 'integer',
      minimum: 1,
      maximum: 600,
      default: 15,
      description:
        "After a boot: seconds to wait for the peer's connections at most, before this gateway may become master.",
    },
  },
} as const
