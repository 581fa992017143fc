import type {FromSchema} from 'json-schema-to-ts'
import {accountsSchema} from './schema/accounts.ts'
import {firewallSchema} from './schema/firewall.ts'
import {logsSchema} from './schema/logs.ts'
import {reductionSchema} from './schema/reduction.ts'
import {sshdSchema} from './schema/sshd.ts'
import {sysctlSchema} from './schema/sysctl.ts'
import {timeSchema} from './schema/time.ts'
import {updatesSchema} from './schema/updates.ts'

/** Variables of the role, each with the prefix `hardening_` in an inventory; each part can be left out by its first one. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...firewallSchema,
    ...sshdSchema,
    ...accountsSchema,
    ...sysctlSchema,
    ...logsSchema,
    ...timeSchema,
    ...updatesSchema,
    ...reductionSchema,
  },
} as const

export type HardeningVars = FromSchema<typeof schema>
