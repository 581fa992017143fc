import {isAddress, networkOf} from 'gatewright'

export type Family = 4 | 6
export const families: readonly Family[] = [4, 6]

export const familyOf = (address: string): Family | 0 => (!isAddress(address) ? 0 : address.includes(':') ? 6 : 4)
export const ofFamily = (addresses: readonly string[], family: Family): string[] =>
  addresses.filter(address => familyOf(address) === family)

/** An address or the network of an interface's address as ip(8) prints it: `192.0.2.0/24` of `192.0.2.2/24`. */
export const canonical = (address: string): string =>
  (networkOf(address) ?? address).replace(/(?<=\..*)\/32$|\/128$/, '')
