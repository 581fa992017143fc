import {Enumerated, Integer} from 'asn1js'
import {CertificateRevocationList, Extension, Extensions, RevokedCertificate} from 'pkijs'
import type {Issuer} from './certificate.ts'
import {authorityKey, crlNumber, ownBytes, timeOf} from './extensions.ts'
import {publicDer, signerOf} from './keys.ts'
import {pemOf, subjectOf} from './pem.ts'
import {type Reason, reasons, type Span} from './profiles.ts'

export type RevokedEntry = {readonly serial: string; readonly at: Date; readonly reason: Reason}

/** `unspecified` is left out, as RFC 5280 5.3.1 has it. */
const reasonCode = (reason: Reason): Extensions | undefined =>
  reason === 'unspecified'
    ? undefined
    : new Extensions({
        extensions: [
          new Extension({
            extnID: '2.5.29.21',
            critical: false,
            extnValue: new Enumerated({value: reasons[reason]}).toBER(false),
          }),
        ],
      })

/** A list of revoked certificates (version 2), as PEM. */
export const revocationList = async (
  entries: readonly RevokedEntry[],
  number: number,
  span: Span,
  {certificate, key}: Issuer,
): Promise<string> => {
  const list = new CertificateRevocationList()
  list.version = 1
  list.issuer = subjectOf(certificate)
  list.thisUpdate = timeOf(span.from)
  list.nextUpdate = timeOf(span.until)
  list.crlExtensions = new Extensions({extensions: [authorityKey(publicDer(certificate)), crlNumber(number)]})
  // An empty list must be absent (RFC 5280 5.1.2.6).
  if (entries.length > 0)
    list.revokedCertificates = entries.map(({serial, at, reason}) => {
      const crlEntryExtensions = reasonCode(reason)
      return new RevokedCertificate({
        userCertificate: new Integer({valueHex: ownBytes(Buffer.from(serial, 'hex'))}),
        revocationDate: timeOf(at),
        ...(crlEntryExtensions && {crlEntryExtensions}),
      })
    })
  const signer = await signerOf(key)
  await list.sign(signer.key, signer.digest)
  return pemOf('X509 CRL', list.toSchema(true).toBER(false))
}
