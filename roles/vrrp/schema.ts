/** Variables of the role, each with the prefix `vrrp_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['address', 'router_id', 'priority'],
  properties: {
    link: {
      type: 'string',
      default: 'lan',
      description: 'Name of the link (in the inventory variable `links`) on which the virtual address lives.',
      examples: ['lan', 'vlan20'],
    },
    address: {
      type: 'string',
      pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$',
      description: "The virtual IPv4 address with the prefix length of the link's own subnet. Equal on both gateways.",
      examples: ['10.10.0.1/24'],
    },
    router_id: {
      type: 'integer',
      minimum: 1,
      maximum: 255,
      description: 'Virtual router identifier (VRID, RFC 5798 5.2.3): unique in the segment, equal on both gateways.',
      examples: [110],
    },
    priority: {
      type: 'integer',
      minimum: 1,
      maximum: 254,
      description: 'Who becomes master when both start: the higher one. Different on each gateway, 50 apart at best.',
      examples: [200, 150],
    },
    advert_interval: {
      type: 'number',
      minimum: 0.02,
      maximum: 40.95,
      default: 0.1,
      description:
        'Seconds between advertisements, in steps of 0.01 (RFC 5798 5.2.7 counts centiseconds). Equal on both gateways.',
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
      description: 'Whether the gateway of higher priority takes the address back when it returns.',
    },
    realtime_priority: {
      type: 'integer',
      minimum: 0,
      maximum: 99,
      default: 50,
      description:
        'SCHED_RR priority of keepalived, so that a busy machine does not miss advertisements; 0 leaves it to normal scheduling, for hosts that refuse realtime.',
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
  },
} as const
