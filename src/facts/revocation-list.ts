import {verify, X509Certificate} from 'node:crypto'

/** What a list of revoked certificates says. Serials are lower-case hexadecimal. */
export type RevocationList = {readonly from: Date; readonly until: Date; readonly serials: readonly string[]}

/** `whole` is with tag and length. */
type Element = {readonly tag: number; readonly body: Buffer; readonly whole: Buffer}

/** The elements of DER, one level deep. Throws RangeError where a length leads beyond the end. */
const elementsOf = (der: Buffer): readonly Element[] => {
  const elements: Element[] = []
  for (let at = 0; at < der.length; ) {
    const [tag, short] = [der.readUInt8(at), der.readUInt8(at + 1)]
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f
    const length = lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes)
    const start = at + 2 + lengthBytes
    if (start + length > der.length) throw new RangeError('the text ends too early')
    elements.push({tag, body: der.subarray(start, start + length), whole: der.subarray(at, start + length)})
    at = start + length
  }
  return elements
}

const sequence = 0x30
const [utcTime, generalizedTime] = [0x17, 0x18]
const isTime = ({tag}: Element): boolean => tag === utcTime || tag === generalizedTime

/** `261123070000Z`, or with four digits of the year (RFC 5280 4.1.2.5). */
const timeOf = ({tag, body}: Element): Date => {
  const text = body.toString('latin1')
  const whole = tag === generalizedTime ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`
  return new Date(whole.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

const derOf = (pem: string): Buffer => {
  const [, base64 = ''] = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(pem) ?? []
  return Buffer.from(base64, 'base64')
}

/** DER of the identifiers of signatures with ECDSA (RFC 5758 3.2) and RSA (RFC 4055 5): the digest. */
const digests: Readonly<Record<string, string>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
}

/** Whether one of the certificates in a PEM text has signed a list of revoked certificates. */
export const isListSignedBy = (pem: string, authorities: string): boolean =>
  certificatesIn(authorities).some(authority => {
    try {
      const [list] = elementsOf(derOf(pem))
      const [content, algorithm, signature] = list ? elementsOf(list.body) : []
      const digest = algorithm && digests[elementsOf(algorithm.body)[0]?.body.toString('hex') ?? '']
      if (!content || !signature || digest === undefined) return false
      // A bit string begins with the number of unused bits.
      return verify(digest, content.whole, new X509Certificate(authority).publicKey, signature.body.subarray(1))
    } catch {
      return false
    }
  })

/** Each certificate of a PEM text by itself. */
export const certificatesIn = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

/** The first list of PEM text; undefined where there is none, or one without an end, which RFC 5280 does not allow. */
export const readRevocationList = (pem: string): RevocationList | undefined => {
  try {
    const [list] = elementsOf(derOf(pem))
    const [body] = list ? elementsOf(list.body) : []
    const parts = body ? elementsOf(body.body) : []
    const [from, until] = parts.filter(isTime).map(timeOf)
    if (!from || !until || Number.isNaN(from.getTime() + until.getTime())) return undefined
    const after = parts.at(parts.findLastIndex(isTime) + 1)
    const entries = after?.tag === sequence ? elementsOf(after.body) : []
    const serials = entries.map(({body: entry}) => elementsOf(entry)[0]?.body.toString('hex') ?? '')
    return {from, until, serials}
  } catch {
    return undefined
  }
}
