import type {FromSchema} from 'json-schema-to-ts'
import {severities} from './model.ts'

const text = (description: string) => ({type: 'string', minLength: 1, description}) as const
const id = {type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$'} as const

const control = {
  type: 'object',
  description: 'One thing that is asked of each host, and what decides it',
  additionalProperties: false,
  required: ['id', 'title', 'rationale', 'severity'],
  properties: {
    id: {...id, description: 'Name in reports and waivers'},
    title: text('What should be, in a few words'),
    rationale: text('Why'),
    severity: {enum: severities},
    requirements: {type: 'array', items: {type: 'string'}, default: [], description: 'Requirements that it answers'},
    references: {
      type: 'array',
      items: {type: 'string'},
      default: [],
      description: 'Clauses of standards and laws, as they are cited',
    },
    resources: {
      anyOf: [{const: 'rest'}, {type: 'array', minItems: 1, items: {type: 'string', minLength: 1}}],
      description:
        'Resources of the roles that decide: patterns of `ROLE/ID` or `ID` with `*`, as `check` names them; `rest`: those that no other control names',
    },
    applies: text('Expression: whether it can be decided; where not, the control is not evaluated'),
    otherwise: text('The reason that the report gives then'),
    observe: text(
      'Shell text that looks and changes nothing; exit code 77: it cannot be told, and what was printed is the reason',
    ),
    on: text('Host on which it looks, where that is not the audited one'),
    passes: text(
      'Expression over `lines`, `stdout`, `code`, `peers`, `facts`, `flows`, `links`, `settings`, `drill_days`; without it exit code 0 is enough',
    ),
    expected: text('What should have been seen'),
    repair: text('What a person does where a play of the site cannot mend it'),
  },
} as const

const waiver = {
  type: 'object',
  description: 'Somebody has taken a failure upon themselves, until a day',
  additionalProperties: false,
  required: ['control', 'who', 'why', 'until'],
  properties: {
    control: {...id, description: 'The control'},
    hosts: {type: 'array', items: {type: 'string'}, default: [], description: 'On these hosts; without it on all'},
    who: text('Who answers for it'),
    why: text('Why it may be so'),
    until: {
      type: 'string',
      pattern: String.raw`^\d{4}-\d{2}-\d{2}$`,
      description: 'The last day (UTC); after it the control fails again',
    },
  },
} as const

const requirement = {
  type: 'object',
  description: 'What the audit answers',
  additionalProperties: false,
  required: ['id', 'text'],
  properties: {
    id: text('Name that controls use'),
    text: text('The requirement'),
    without: text('Why no control can answer it'),
  },
} as const

/** What stands below `audit:` of a play. */
export const auditSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['controls'],
  properties: {
    controls: {type: 'array', minItems: 1, items: control},
    waivers: {type: 'array', items: waiver, default: []},
    requirements: {type: 'array', items: requirement, default: []},
  },
} as const

export type AuditSettings = FromSchema<typeof auditSchema>
