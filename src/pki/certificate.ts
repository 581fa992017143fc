import {randomBytes} from 'node:crypto'
import {fromBER, Integer, Utf8String} from 'asn1js'
import {AttributeTypeAndValue, Certificate, type Extension, PublicKeyInfo, RelativeDistinguishedNames} from 'pkijs'
import {
  alternativeNames,
  authorityKey,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  ownBytes,
  subjectKey,
  timeOf,
} from './extensions.ts'
import {publicDer, signerOf} from './keys.ts'
import {pemOf, subjectOf} from './pem.ts'
import {type Profile, profiles, type Span} from './profiles.ts'

/** 16 bytes of chance, positive and without a leading zero (RFC 5280 4.1.2.2; the CA/Browser Forum asks for 64 bits). */
export const newSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

const commonName = (text: string): RelativeDistinguishedNames =>
  new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({type: '2.5.4.3', value: new Utf8String({value: text})})],
  })

type Body = {
  readonly serial: string
  readonly subject: string
  readonly spki: Buffer
  readonly span: Span
  readonly extensions: readonly Extension[]
}

const signed = async (body: Body, issuer: RelativeDistinguishedNames, issuerKey: string): Promise<string> => {
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new Integer({valueHex: ownBytes(Buffer.from(body.serial, 'hex'))})
  certificate.issuer = issuer
  certificate.subject = commonName(body.subject)
  certificate.notBefore = timeOf(body.span.from)
  certificate.notAfter = timeOf(body.span.until)
  certificate.subjectPublicKeyInfo = new PublicKeyInfo({schema: fromBER(ownBytes(body.spki)).result})
  certificate.extensions = [...body.extensions]
  const {key, digest} = await signerOf(issuerKey)
  await certificate.sign(key, digest)
  return pemOf('CERTIFICATE', certificate.toSchema(true).toBER(false))
}

/** The authority's own certificate, as PEM. */
export const authorityCertificate = (subject: string, key: string, serial: string, span: Span): Promise<string> => {
  const spki = publicDer(key)
  const extensions = [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign'), subjectKey(spki), authorityKey(spki)]
  return signed({serial, subject, spki, span, extensions}, commonName(subject), key)
}

export type Issuer = {readonly certificate: string; readonly key: string}

export type Leaf = {
  readonly serial: string
  readonly name: string
  readonly profile: Profile
  readonly alternativeNames: readonly string[]
  readonly span: Span
  readonly publicKey: Buffer
}

/** A certificate of a server or client, as PEM. */
export const leafCertificate = (leaf: Leaf, {certificate, key}: Issuer): Promise<string> => {
  const extensions = [
    basicConstraints(false),
    keyUsage('digitalSignature'),
    extendedKeyUsage(profiles[leaf.profile]),
    ...(leaf.alternativeNames.length > 0 ? [alternativeNames(leaf.alternativeNames)] : []),
    subjectKey(leaf.publicKey),
    authorityKey(publicDer(certificate)),
  ]
  const {serial, name: subject, span, publicKey: spki} = leaf
  return signed({serial, subject, spki, span, extensions}, subjectOf(certificate), key)
}
