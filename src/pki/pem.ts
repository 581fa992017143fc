import {X509Certificate} from 'node:crypto'
import {Certificate, type RelativeDistinguishedNames} from 'pkijs'

/** DER between its two lines, 64 characters each (RFC 7468). */
export const pemOf = (label: string, der: ArrayBuffer | Uint8Array): string => {
  const lines =
    Buffer.from(der as Uint8Array)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** The subject of a certificate, byte for byte as others have to name it. */
export const subjectOf = (pem: string): RelativeDistinguishedNames =>
  Certificate.fromBER(new Uint8Array(new X509Certificate(pem).raw)).subject
