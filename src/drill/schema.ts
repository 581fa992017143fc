import type {FromSchema} from 'json-schema-to-ts'

const seconds = <const Rest extends object>(description: string, rest: Rest) =>
  ({type: 'number', minimum: 0, description, ...rest}) as const
const hostName = {type: 'string', minLength: 1} as const

const path = {
  type: 'object',
  description: 'A way that traffic takes through the pair, measured between two hosts of the group `probes`',
  additionalProperties: false,
  required: ['from'],
  properties: {
    from: {...hostName, description: 'Host on the inside: it begins every conversation'},
    to: {...hostName, description: 'Host on the other side, which answers'},
    address: {type: 'string', description: 'Address by which `from` reaches `to`'},
    source: {type: 'string', description: 'Address of `from` that its packets have; the kernel chooses unless given'},
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 7007,
      description: 'Port of `to`, UDP and TCP; every path of the same two hosts has its own',
    },
    flows: {
      type: 'integer',
      minimum: 1,
      maximum: 16,
      default: 1,
      description: 'UDP flows, each a datagram per 5 ms and direction: as many as uplinks that share them, at least',
    },
    sessions: {
      type: 'integer',
      minimum: 0,
      maximum: 500,
      default: 0,
      description: 'TCP sessions that are held open through everything',
    },
    connections: {
      type: 'boolean',
      default: false,
      description: 'Whether a new HTTP request each 250 ms and a DNS query each 100 ms are made too',
    },
    ping: {type: 'string', description: 'Instead of all that, an ICMP echo each 10 ms to this address, by fping'},
    outage: seconds('Budget of this path where it is more than that of a scenario: what BGP or a tunnel may take', {}),
    tunnel: {type: 'boolean', default: false, description: 'It leads through a tunnel: held against 99.97 % a year'},
  },
} as const

const fault = {
  type: 'object',
  description: 'What is done to the pair: a task of a role, or a hand on a cable or a switch',
  additionalProperties: false,
  properties: {
    task: {type: 'string', pattern: String.raw`^[\w-]+\.[\w-]+$`, description: 'Task of a role: `vrrp.hang`'},
    args: {type: 'object', description: 'Its arguments'},
    hand: {enum: ['cut', 'kill', 'freeze', 'degrade'], description: 'Cable, power, all processes, a slow cable'},
    link: {
      type: ['string', 'null'],
      description: 'Whose cable; null: there is none here, and the scenario is left out',
    },
    delay: seconds('For `degrade`: added to each packet of each direction, in milliseconds', {default: 0}),
    loss: seconds('For `degrade`: packets lost in each direction, in per cent', {default: 0, maximum: 100}),
    on: {
      enum: ['holder', 'standby', 'both', 'cold'],
      default: 'holder',
      description:
        'The gateway that carries the traffic when the fault begins, the other one, both, or the host elsewhere that stands in for the pair: what is done there ends last, when the pair is well again',
    },
    wait: {
      type: 'boolean',
      default: false,
      description: 'Faults before it are removed and the pair is well again before it begins',
    },
  },
} as const

const scenario = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'title', 'breaks', 'faults'],
  properties: {
    id: {type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$', description: 'Name for --scenario and in reports'},
    title: {type: 'string', minLength: 1, description: 'What happens, in a few words'},
    breaks: {type: 'string', minLength: 1, description: 'The worst that users may notice: for --plan'},
    faults: {type: 'array', minItems: 1, items: fault},
    hold: seconds('Seconds that the faults last', {default: 8, maximum: 600}),
    holder: {
      enum: ['moves', 'stays', 'any'],
      default: 'any',
      description: 'Whether the traffic should go to the other gateway while the faults last',
    },
    outage: seconds('Longest time in seconds that a path may be silent: the budget', {default: 3}),
    goal: seconds('What it should be; more is told and is no failure', {}),
    sessions_lost: {type: 'integer', minimum: 0, default: 0, description: 'TCP sessions that may be lost'},
    notices: {
      type: 'array',
      items: {type: 'string'},
      default: [],
      description:
        'Kinds of events that have to notice the faults while they last, of those that the roles of the pair have: `BFD`, `BGP`, `VRRP`, `uplink`',
    },
    paths: {type: 'array', items: {type: 'string'}, description: 'Paths that the budget holds for; all unless given'},
  },
} as const

/** What stands below `drill:` of a play, its expressions evaluated. */
export const drillSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['paths', 'scenarios'],
  properties: {
    paths: {type: 'object', minProperties: 1, additionalProperties: path, description: 'Paths by name'},
    scenarios: {type: 'array', minItems: 1, items: scenario, description: 'In the order in which they are played'},
    restore: {
      type: 'string',
      pattern: String.raw`^[\w-]+\.[\w-]+$`,
      description: 'Task that gives the traffic back to the gateway that had it, named by its argument `to`',
    },
    before: seconds('Seconds measured before a fault', {default: 2, maximum: 60}),
    after: seconds('Seconds measured after the pair is well again', {default: 2, maximum: 60}),
    settle: seconds('Seconds in which the pair has to be well again after a fault', {default: 90, maximum: 1800}),
  },
} as const

export type DrillSettings = FromSchema<typeof drillSchema>
