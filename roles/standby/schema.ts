/** Variables of the role, without its prefix `standby_`. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    recovery_time_s: {
      type: 'integer',
      minimum: 1,
      default: 1800,
      description:
        'Declared recovery time in seconds: from the order to activate until every health check of the roles is well. `standby.activate` fails when it takes longer.',
      examples: [900],
    },
    primary_addresses: {
      type: 'array',
      items: {type: 'string', pattern: '^[0-9a-fA-F:.]+$'},
      minItems: 1,
      description:
        'Addresses by which this host finds out whether the pair is still there. Those of its uplinks (links with a `gateway`) unless given; a host that reaches them through nothing of the pair itself is needed.',
      examples: [['192.0.2.2', '192.0.2.3']],
    },
    start: {
      type: 'array',
      items: {type: 'string'},
      default: ['bgp', 'wireguard', 'openvpn', 'mwan', 'vrrp'],
      description:
        'Roles in the order in which their units are started; stopped in the opposite one. Others follow by name.',
    },
    max_age_days: {
      type: 'integer',
      minimum: 1,
      default: 8,
      description:
        'Days after the last run of `playbooks/cold-standby.yml` that the audit accepts: a week, and a day to do it.',
    },
  },
} as const
