/** Text that stands in a label of Prometheus and in a line of fields as it is. */
const plain = '^[^\\t\\n"\\\\]+$'

/** One item of `monitoring_checks`. */
export const checkSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'kind', 'target'],
  properties: {
    name: {type: 'string', pattern: plain},
    kind: {enum: ['icmp', 'tcp', 'http', 'dns']},
    target: {
      type: 'string',
      pattern: plain,
      description:
        'icmp: an address; tcp: `address:port`; http: a URL; dns: `name@server`, with `:port` unless it is 53.',
    },
    via: {
      type: 'array',
      minItems: 1,
      items: {type: 'string'},
      description: 'Names of links; absent: each uplink and each tunnel.',
    },
    status: {type: 'integer', minimum: 100, maximum: 599, default: 200, description: 'http: the status that is right.'},
    answer: {
      type: 'string',
      pattern: '^[^\\t\\n]*$',
      default: '',
      description: 'http: a text in the page; dns: an address among the answers; empty: whatever it is.',
    },
    timeout: {type: 'integer', minimum: 1, maximum: 20, default: 3, description: 'Seconds.'},
    interval: {type: 'integer', minimum: 1, maximum: 3600, default: 30, description: 'Seconds between two looks.'},
  },
} as const
