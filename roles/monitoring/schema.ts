import {checkSchema} from './checks/schema.ts'

const days = (defaultDays: number, description: string) =>
  ({type: 'number', exclusiveMinimum: 0, default: defaultDays, description}) as const
const share = (usual: number, description: string) =>
  ({type: 'number', exclusiveMinimum: 0, maximum: 1, default: usual, description}) as const

/** Variables of the role, each with the prefix `monitoring_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    servers: {
      type: 'array',
      items: {type: 'string'},
      default: [],
      description:
        'Names of the hosts that watch all others (Prometheus, Alertmanager); equal everywhere. The role is applied to them too.',
      examples: [['monitor1'], "{{ groups['monitors'] }}"],
    },
    link: {type: 'string', default: 'mgmt', description: 'Link on which exporters and servers listen.'},
    interval: {
      type: 'integer',
      minimum: 1,
      maximum: 60,
      default: 10,
      description: 'Seconds between two looks. Equal everywhere.',
    },
    retention_days: days(90, 'How long the servers keep what they have seen.'),
    probes: {
      type: 'array',
      default: [],
      description:
        'What of this host or its pair the servers probe from outside, as its users see it: the objective of availability is about these.',
      examples: [[{name: 'way in', by: 'icmp', target: '192.0.2.10'}]],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'by', 'target'],
        properties: {
          name: {type: 'string', minLength: 1},
          by: {enum: ['icmp', 'tcp', 'http']},
          target: {type: 'string', description: 'An address; `address:port` for tcp, a URL for http.'},
        },
      },
    },
    checks: {
      type: 'array',
      default: [],
      description:
        'What of the business this host has to reach, asked over each of its uplinks and tunnels: `{name, kind, target, via, status, answer, timeout, interval}`.',
      examples: [
        [
          {name: 'orders', kind: 'http', target: 'https://orders.example/health', answer: 'ok'},
          {name: 'names', kind: 'dns', target: 'crm.example@10.20.0.53', via: ['wg0', 'tun0']},
        ],
      ],
      items: checkSchema,
    },
    receivers: {
      type: 'array',
      default: [],
      description:
        'Who is told, by the first that matches: `{name, webhook or email, severities, sites}`; nobody: alerts are seen in Alertmanager alone.',
      examples: [[{name: 'on call', webhook: 'https://pager.example/hook', severities: ['critical']}]],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: {type: 'string', minLength: 1},
          webhook: {type: 'string', pattern: '^https?://', description: 'URL that alerts are posted to.'},
          email: {type: 'string', pattern: '@', description: 'Address that alerts are sent to.'},
          severities: {
            type: 'array',
            items: {enum: ['critical', 'warning']},
            description: 'Only these; absent: all.',
          },
          sites: {type: 'array', items: {type: 'string'}, description: 'Only of these sites; absent: of all.'},
        },
      },
    },
    watchdog: {
      type: 'string',
      default: '',
      description:
        'URL that is told each minute that alerts get through: who listens there raises an alarm when it falls silent. Empty: nobody listens.',
    },
    smtp: {type: 'string', default: '', description: 'Mail server for `email`: `host:port`.'},
    mail_from: {type: 'string', default: '', description: 'Sender of these mails.'},
    repeat_hours: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 4,
      description: 'Hours after which somebody is told again of what goes on.',
    },
    silence_limit_hours: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 12,
      description: 'A silence of monitoring.silence may last so long at most.',
    },
    zabbix: {
      type: 'boolean',
      default: false,
      description:
        'Zabbix watches as well: an agent on each host, its server on the hosts of `servers`. Equal everywhere.',
    },
    zabbix_psk: {
      type: 'string',
      secret: true,
      description:
        'Key by which the agent of this host and the servers know each other: 32 to 512 hexadecimal digits (`openssl rand -hex 32`), encrypted with Ansible Vault.',
    },
    zabbix_identity: {
      type: 'string',
      maxLength: 128,
      pattern: '^[ -~]*$',
      default: '',
      description: 'Name of this key, which is sent in the clear; empty: that of the host.',
    },
    zabbix_password: {
      type: 'string',
      secret: true,
      description: "Password of Zabbix' user Admin on the servers, encrypted with Ansible Vault.",
    },
    zabbix_interval: {
      type: 'integer',
      minimum: 1,
      maximum: 600,
      default: 30,
      description: 'Seconds between two looks of Zabbix; network devices are discovered every twentieth time.',
    },
    zabbix_silence: {
      type: 'integer',
      minimum: 30,
      maximum: 3600,
      default: 120,
      description: 'Seconds after which an agent that says nothing is a problem in Zabbix.',
    },
    zabbix_pollers: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 5,
      description: 'Processes of the Zabbix server that ask agents; a few are enough for dozens of hosts.',
    },
    zabbix_cache: {
      type: 'integer',
      minimum: 32,
      maximum: 65_536,
      default: 32,
      description:
        'Memory in MiB for what the Zabbix server knows of hosts and items; the templates that it brings take 8 already.',
    },
    zabbix_database_cache: {
      type: 'integer',
      minimum: 16,
      maximum: 65_536,
      default: 128,
      description: 'Memory in MiB that PostgreSQL shares between its processes.',
    },
    headroom: share(0.75, 'Share of a contracted rate above which there is too little headroom.'),
    rate_window: {
      type: 'integer',
      minimum: 10,
      default: 300,
      description: 'Seconds over which the traffic of an uplink is averaged, for headroom.',
    },
    conntrack_full: share(0.8, 'Share of the connections that the kernel may track.'),
    clock_offset: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 0.05,
      description: 'Seconds by which a clock may be wrong.',
    },
    certificate_days: days(21, 'A certificate that ends sooner is an alert.'),
    crl_days: days(7, 'A list of revoked certificates that ends sooner is an alert.'),
    drift_days: days(8, 'Days within which check mode has to look for drift: once a week.'),
    drill_days: days(92, 'Days within which a drill has to be passed: once a quarter.'),
    log_days: days(183, 'Days of logs that have to be there: six months.'),
    wait: {
      type: 'object',
      additionalProperties: {type: 'integer', minimum: 0},
      default: {},
      description:
        'Alert -> seconds that something has to be so before it fires, where the usual time does not suit (the README has a list).',
      examples: [{BgpDown: 60}],
    },
    objective: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 100,
      default: 99.99,
      description: 'Percent of the time that probes of a pair have to be answered.',
    },
    tunnel_objective: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 100,
      default: 99.97,
      description: 'Percent of the time that each tunnel has to carry.',
    },
  },
} as const
