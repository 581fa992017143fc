import {createPublicKey, verify} from 'node:crypto'
import {messageOf} from '../../wording.ts'
import {canonical, hashOf, type Link, nothing, signedText} from './chain.ts'
import {keyName} from './keys.ts'

/** `line` counts from 1. */
export type Tampering = {readonly line: number; readonly what: string}

export type Verified = {
  readonly problems: readonly Tampering[]
  /** Records that the file holds. */
  readonly records: number
  /** Of the seal; undefined where there is none. */
  readonly seal?: string
}

/**
 * Checks a file of evidence by nothing but the public key (PEM); `before`, where it is given, is the seal of the audit that came
 * before. Throws when the key is none.
 */
export const verifyEvidence = (text: string, publicKey: string, before?: string): Verified => {
  const key = createPublicKey(publicKey)
  const lines = text.split('\n')
  const isWhole = lines.at(-1) === ''
  const links = lines.slice(0, isWhole ? -1 : undefined).map(read)
  const problems: Tampering[] = links.flatMap((link, index) => {
    const what = typeof link === 'string' ? link : problemOf(link, index, links, before)
    return what === undefined ? [] : [{line: index + 1, what}]
  })
  const last = links.at(-1)
  if (last === undefined || typeof last === 'string' || last.kind !== 'seal' || !isWhole)
    problems.push({line: links.length, what: 'there is no seal at the end: what came after this line is missing'})
  else problems.push(...sealProblems(last, links.length, key))
  const seal = last !== undefined && typeof last !== 'string' && last.kind === 'seal' ? last.hash : undefined
  return {
    problems,
    records: links.filter(link => typeof link !== 'string' && link.kind === 'record').length,
    ...(seal !== undefined && {seal}),
  }
}

const hashed = ['n', 'before', 'kind', 'body', 'hash']

const read = (line: string): Link | string => {
  try {
    const link = JSON.parse(line) as Link
    const changed = 'the line is not written as gatewright writes it: it was changed'
    if (link === null || typeof link !== 'object' || canonical(link) !== line) return changed
    // What no hash is over could say anything.
    const names = link.kind === 'seal' ? [...hashed, 'signature'] : hashed
    return Object.keys(link).every(name => names.includes(name)) ? link : changed
  } catch (error) {
    return `the line is damaged: ${messageOf(error)}`
  }
}

const problemOf = (
  link: Link,
  index: number,
  links: readonly (Link | string)[],
  before: string | undefined,
): string | undefined => {
  if (typeof link.hash !== 'string' || hashOf(link) !== link.hash) return 'the record was changed'
  if (link.n !== index)
    return link.n > index
      ? `record ${index} is missing before it, or stands elsewhere`
      : `record ${link.n} stands in the place of ${index}`
  const isPlaced = (link.kind === 'head') === (index === 0) && (link.kind !== 'seal' || index === links.length - 1)
  if (!isPlaced) return `a ${link.kind} does not belong here`
  const former = links[index - 1]
  if (index === 0) {
    if (before === undefined || before === link.before) return undefined
    return link.before === nothing
      ? 'it says that there was no audit before it'
      : 'it does not follow the audit before it: one is missing, or was replaced'
  }
  return typeof former === 'object' && former.hash !== link.before ? 'the record before it was replaced' : undefined
}

const sealProblems = (seal: Link, line: number, key: ReturnType<typeof createPublicKey>): readonly Tampering[] => {
  const {records, key: name} = (seal.body ?? {}) as {readonly records?: number; readonly key?: string}
  const signature = Buffer.from(seal.signature ?? '', 'base64')
  const own = keyName(key)
  if (name !== own) return [{line, what: `it is sealed with the key ${String(name)}, not with ${own}`}]
  if (!verify(null, signedText(seal), key, signature))
    return [{line, what: 'the signature does not belong to these records'}]
  return records === line - 2 ? [] : [{line, what: `the seal is of ${String(records)} records, there are ${line - 2}`}]
}
