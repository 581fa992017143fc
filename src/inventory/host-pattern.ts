import type {Diagnostic} from '../diagnostic.ts'
import {parseAddress} from './address.ts'
import {expandRange} from './ranges.ts'

export type NamedHosts = {readonly names: readonly string[]; readonly port?: number}

/** The hosts that an inventory names in one place: `gw[1:3].example:2222`. */
export const namedHosts = (pattern: string): NamedHosts | Diagnostic => {
  const {host, port} = parseAddress(pattern) ?? {host: pattern}
  const names = expandRange(host)
  if (!names || names.includes('') || /[\s,!&]/.test(pattern) || (port === undefined && /[^:]:$/.test(pattern)))
    return {
      rule: 'host-range',
      what: `'${pattern}' cannot name hosts`,
      why: 'a range counts upwards between numbers or letters, a port is a number after a colon',
      fix: 'write it like gw[01:12], rack-[a:c] or gw1:2222',
    }
  return {names, ...(port !== undefined && {port})}
}
