export const updatesSchema = {
  updates: {
    type: 'boolean',
    default: true,
    description:
      'Whether security updates are installed by themselves (unattended-upgrades), never on both gateways at once.',
  },
  updates_time: {
    type: 'string',
    pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
    default: '03:00',
    description: 'When the first gateway of a pair, by name, installs them each day.',
  },
  updates_stagger_hours: {
    type: 'integer',
    minimum: 1,
    maximum: 12,
    default: 6,
    description: 'Hours by which each further gateway of the pair is later.',
  },
  updates_never: {
    type: 'array',
    items: {type: 'string'},
    default: ['keepalived', 'conntrackd', 'frr', 'linux-'],
    description:
      'Beginnings of names of packages that are never updated by themselves: what would restart the data plane or ask for a reboot.',
  },
} as const
