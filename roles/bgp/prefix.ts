import {isAddress, networkOf} from 'gatewright'

export type Family = 4 | 6
export type Prefix = {
  readonly family: Family
  /** As FRR prints it. */
  readonly text: string
  readonly address: string
  readonly length: number
  /** Nothing is set behind the prefix length. */
  readonly isBase: boolean
}

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** An address as FRR prints it (RFC 5952): written otherwise, it would differ from the running configuration for ever. */
export const canonical = (address: string): string =>
  familyOf(address) === 6 && isAddress(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

/** Undefined for what is no prefix. */
export const parsePrefix = (text: string): Prefix | undefined => {
  if (!isAddress(text) || !text.includes('/')) return undefined
  const [address = '', length = ''] = text.split('/')
  const network = networkOf(text) ?? ''
  const written = `${canonical(address)}/${Number(length)}`
  return {
    family: familyOf(address),
    text: written,
    address: canonical(address),
    length: Number(length),
    isBase: network === written,
  }
}

export const isPrefix = (prefix: Prefix | undefined): prefix is Prefix => prefix !== undefined
/** Those that can be read; `problems` names the others. */
export const prefixesOf = (texts: readonly string[], family: Family): readonly Prefix[] =>
  texts.map(parsePrefix).filter(prefix => isPrefix(prefix) && prefix.family === family) as Prefix[]
