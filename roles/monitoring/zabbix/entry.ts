import {sha256Of} from 'gatewright'

export const templateName = 'gatewright'
export const templateGroup = 'Templates/gatewright'

/** An item in the expression of a trigger. */
export const itemAt = (key: string): string => `/${templateName}/${key}`

export type Labelled = {readonly uuid: string} & Readonly<Record<string, unknown>>

/** Zabbix knows what it imports by UUIDs of version 4; ours are made of the name, so that a new version changes what is there. */
export const labelled = (kind: string, name: string, rest: Readonly<Record<string, unknown>>): Labelled => {
  const digest = sha256Of(`gatewright ${kind} ${name}`)
  return {uuid: `${digest.slice(0, 12)}4${digest.slice(13, 16)}8${digest.slice(17, 32)}`, ...rest}
}

export const triggerOf = (trigger: {
  readonly name: string
  readonly expression: string
  readonly priority: 'WARNING' | 'AVERAGE' | 'HIGH'
}): Labelled => labelled('trigger', trigger.name, trigger)
