import {createHash} from 'node:crypto'
import canonicalize from 'canonicalize'
import type {AuditResult} from '../model.ts'

/** What stands before the first record of a first audit. */
export const nothing = '0'.repeat(64)

/** One line of a file of evidence; `hash` is over all else of it but the signature. */
export type Link = {
  readonly n: number
  /** Hash of the line before; of the first line, of the seal of the audit before. */
  readonly before: string
  readonly kind: 'head' | 'record' | 'seal'
  readonly body: unknown
  readonly hash: string
  /** Of the seal: ed25519 over what `signedText` gives, in base64. */
  readonly signature?: string
}

/** RFC 8785: the same data is the same bytes, whoever writes it. */
export const canonical = (data: unknown): string => {
  const text = canonicalize(data)
  if (text === undefined) throw new TypeError('this is no JSON')
  return text
}

export const hashOf = ({n, before, kind, body}: Omit<Link, 'hash' | 'signature'>): string =>
  createHash('sha256').update(canonical({n, before, kind, body})).digest('hex')

/** What is signed: with words of its own, so that it is good for nothing else. */
export const signedText = ({hash}: Pick<Link, 'hash'>): Buffer => Buffer.from(`gatewright evidence 1\n${hash}\n`)

/**
 * The evidence of an audit, a line each: what was audited, every record, and a signed seal that says how many there are. Each
 * line holds the hash of the one before, the first that of the seal of the audit before.
 */
export const evidenceOf = (
  {records, ...head}: AuditResult,
  {before, key, sign}: {readonly before: string; readonly key: string; readonly sign: (data: Buffer) => Buffer},
): string => {
  const links: Link[] = []
  const add = (kind: Link['kind'], body: unknown): void => {
    const link = {n: links.length, before: links.at(-1)?.hash ?? before, kind, body: JSON.parse(JSON.stringify(body))}
    links.push({...link, hash: hashOf(link)})
  }
  add('head', head)
  for (const record of records) add('record', record)
  add('seal', {records: records.length, key})
  return links
    .map(link => (link.kind === 'seal' ? {...link, signature: sign(signedText(link)).toString('base64')} : link))
    .map(link => `${canonical(link)}\n`)
    .join('')
}
