export const timeSchema = {
  time: {type: 'boolean', default: true, description: 'Whether this role keeps the clock, by chrony.'},
  ntp_servers: {
    type: 'array',
    items: {type: 'string'},
    default: [],
    description: 'Names or addresses of time servers; three or more can outvote one that is wrong.',
    examples: [['192.0.2.123', '198.51.100.123', 'ntp.example.net']],
  },
  ntp_pools: {
    type: 'array',
    items: {type: 'string'},
    default: [],
    description: 'Names that stand for many time servers.',
    examples: [['2.debian.pool.ntp.org']],
  },
  ntp_peer_link: {
    type: 'string',
    description:
      'Name of the link over which the gateways of a pair ask each other for the time, so that they agree when nobody else answers. Unless given, the management link.',
    examples: ['sync'],
  },
  time_max_offset: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 0.1,
    description: 'Seconds by which the clock may be wrong before the gateway counts as sick.',
  },
} as const
