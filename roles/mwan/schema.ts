const address = {type: 'string', pattern: '^[0-9a-fA-F.:]+$'} as const
const network = {type: 'string', pattern: '^[0-9a-fA-F.:]+(/\\d{1,3})?$'} as const
const networks = (description: string, examples: readonly string[][]) =>
  ({type: 'array', items: network, description, examples}) as const
const name = '^[a-zA-Z][a-zA-Z0-9_.-]{0,29}$'

/** Variables of the role, each with the prefix `mwan_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['uplinks', 'policies', 'rules'],
  properties: {
    uplinks: {
      type: 'object',
      minProperties: 1,
      propertyNames: {pattern: name},
      description: 'The ways out, by name.',
      examples: [{'wan-a': {id: 1, gateway6: '2001:db8:a::1'}, 'wan-b': {id: 2, weight: 2}}],
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['id'],
        properties: {
          id: {
            type: 'integer',
            minimum: 1,
            maximum: 29,
            description: 'Its number: table, mark and rules follow from it. Equal on both gateways, never reused.',
          },
          link: {type: 'string', description: 'Name of its link; absent: the name of the uplink.'},
          device: {
            type: 'string',
            pattern: '^[^\\s/]{1,15}$',
            description:
              'Device of a tunnel instead of a link: one that a role of the host makes, or that is there. It has no gateway, and may come and go.',
            examples: ['wg0'],
          },
          gateway: {...address, description: "IPv4 gateway; absent: the link's own."},
          gateway6: {...address, description: 'IPv6 gateway; absent: no IPv6 over this uplink.'},
          table: {type: 'integer', minimum: 1, description: 'Routing table; absent: `mwan_first_table` + id.'},
          mark: {
            type: 'integer',
            minimum: 1,
            description: 'Firewall mark within `mwan_mark_mask`; absent: from the id.',
          },
          weight: {
            type: 'integer',
            minimum: 1,
            maximum: 1000,
            description: 'Share among uplinks of one metric; absent: 1.',
          },
          metric: {type: 'integer', minimum: 1, maximum: 1000, description: 'Lower ones are used first; absent: 1.'},
          targets: {
            type: 'array',
            items: address,
            description: 'Addresses to probe, of a tunnel those beyond its far end; absent: `mwan_targets`.',
          },
          on_down: {
            enum: ['flush', 'move'],
            description:
              'Flows that must leave it are ended, or led to another uplink, where only those without NAT can go on; absent: `move` for a tunnel, else `flush`.',
          },
        },
      },
    },
    targets: {
      type: 'array',
      items: address,
      default: [],
      description: 'Addresses to probe over each uplink, IPv4 and IPv6: three that do not fail together.',
      examples: [['192.0.2.53', '198.51.100.53', '203.0.113.53', '2001:db8:53::1', '2001:db8:53::2']],
    },
    targets_required: {
      type: 'integer',
      minimum: 1,
      default: 2,
      description:
        'How many targets of a family must answer for the uplink to be up; latency and loss are those of the best so many.',
    },
    policies: {
      type: 'object',
      minProperties: 1,
      propertyNames: {pattern: name},
      description: 'Which uplinks share new flows, by name of the policy.',
      examples: [{balanced: {members: [{uplink: 'wan-a', weight: 2}, {uplink: 'wan-b'}]}}],
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['members'],
        properties: {
          members: {
            type: 'array',
            minItems: 1,
            description: 'Its uplinks; of those that are up, the ones of the lowest metric share by weight.',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['uplink'],
              properties: {
                uplink: {type: 'string'},
                metric: {type: 'integer', minimum: 1, maximum: 1000},
                weight: {type: 'integer', minimum: 1, maximum: 1000},
              },
            },
          },
          choose: {
            enum: ['metric', 'latency'],
            description: '`latency` takes the fastest of those that are up instead; absent: `metric`.',
          },
          last_resort: {
            enum: ['unreachable', 'blackhole', 'default'],
            description:
              'When no member is left: refuse, drop, or leave it to the main table; absent: `unreachable`. Unless `default`, a policy of tunnels alone lets nothing leave by another way.',
          },
        },
      },
    },
    rules: {
      type: 'array',
      minItems: 1,
      description:
        'Which new flows take which policy; the first that matches decides, what none matches takes the main table.',
      examples: [[{source: ['10.10.0.0/24'], policy: 'balanced', sticky: true}]],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['policy'],
        properties: {
          policy: {type: 'string'},
          source: networks('Addresses and prefixes it comes from; absent: any.', [['10.10.0.0/24']]),
          destination: networks('Addresses and prefixes it goes to; absent: any.', [['0.0.0.0/0']]),
          protocol: {enum: ['tcp', 'udp', 'icmp'], description: 'absent: any.'},
          ports: {
            type: 'array',
            items: {type: 'string', pattern: '^\\d{1,5}(-\\d{1,5})?$'},
            description: 'Destination ports and ranges, of tcp and udp.',
          },
          sticky: {type: 'boolean', description: 'All flows of one source take the same uplink, on both gateways.'},
        },
      },
    },
    bypass: {
      type: 'array',
      items: network,
      default: [],
      description: 'Destinations that no rule applies to, besides the networks of all links.',
      examples: [['10.0.0.0/8']],
    },
    own_policy: {
      type: 'string',
      default: '',
      description: "Policy of the gateway's own traffic; empty: the main table decides.",
    },
    follow: {
      type: 'string',
      default: '',
      description:
        'VRRP instance or group whose master alone steers (the other gateway probes and watches); empty: always steer.',
      examples: ['gateway'],
    },
    vrrp_penalty: {
      type: 'integer',
      minimum: 0,
      maximum: 253,
      default: 100,
      description:
        'What the VRRP priority loses while every uplink of a family is down: more than the gap between the gateways.',
    },
    probe_interval: {
      type: 'number',
      minimum: 0.1,
      maximum: 60,
      default: 1,
      description: 'Seconds between probes of a target.',
    },
    probe_timeout: {
      type: 'number',
      minimum: 0.05,
      maximum: 10,
      default: 1,
      description: 'Seconds after which a probe is lost.',
    },
    down_count: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 3,
      description: 'Lost probes in a row that make a target fail.',
    },
    up_count: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 10,
      description: 'Answers in a row that make it well again.',
    },
    failover_limit: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 5,
      description: 'Seconds that an uplink may be silently dead. Slower probes are refused (mwan-budget).',
    },
    heartbeat: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 10,
      description:
        'Seconds within which the tunnels of a policy have to give a sign of life. Slower ones are refused (tunnel-heartbeat).',
    },
    window: {
      type: 'number',
      minimum: 2,
      maximum: 600,
      default: 30,
      description: 'Seconds over which latency and loss are taken.',
    },
    latency_down: {
      type: 'number',
      minimum: 1,
      default: 150,
      description: 'Milliseconds of p95 above which an uplink is degraded.',
    },
    latency_up: {
      type: 'number',
      minimum: 1,
      default: 100,
      description: 'Milliseconds of p95 below which it is well again.',
    },
    loss_down: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      default: 3,
      description: 'Percent lost above which an uplink is degraded.',
    },
    loss_up: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      default: 1,
      description: 'Percent lost below which it is well again.',
    },
    hold: {
      type: 'number',
      minimum: 0,
      maximum: 3600,
      default: 60,
      description: 'Seconds that an uplink stays away at least.',
    },
    flaps: {
      type: 'integer',
      minimum: 1,
      default: 6,
      description: 'How often within an hour an uplink may be left before it is damped.',
    },
    damp: {
      type: 'number',
      minimum: 0,
      maximum: 7200,
      default: 900,
      description: 'Seconds that a damped uplink stays away.',
    },
    failback: {
      enum: ['keep', 'drain', 'flush'],
      default: 'keep',
      description:
        'Flows on an uplink that is well and no longer chosen: let them end, or end or move them (`on_down`), after `mwan_drain` or at once.',
    },
    drain: {type: 'number', minimum: 0, maximum: 86400, default: 300, description: 'Seconds that such flows have.'},
    better_ms: {
      type: 'number',
      minimum: 0,
      default: 20,
      description: 'With `choose: latency`: milliseconds by which another uplink must be faster to be taken instead.',
    },
    better_percent: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      default: 20,
      description: 'And percent of the present one.',
    },
    better_time: {
      type: 'number',
      minimum: 0,
      maximum: 3600,
      default: 60,
      description: 'And seconds for which both must hold.',
    },
    first_table: {
      type: 'integer',
      minimum: 1,
      default: 1000,
      description: 'Routing table of an uplink without its own: this + id.',
    },
    rule_priority: {
      type: 'integer',
      minimum: 1,
      maximum: 32600,
      default: 10000,
      description: 'First of the 200 priorities of ip rules that belong to this role; before main (32766).',
    },
    mark_mask: {
      type: 'integer',
      minimum: 63,
      default: 0x3f00,
      description:
        'Six neighbouring bits of packet and conntrack mark that belong to this role: five number the uplink, the highest pins replies.',
      examples: [0x3f00],
    },
  },
} as const
