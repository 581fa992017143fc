import {createPrivateKey, X509Certificate} from 'node:crypto'
import {Unreadable} from '../resources/resource.ts'
import {$} from '../shell/command.ts'
import type {Secret} from '../shell/secret.ts'
import type {Fact} from './fact.ts'
import {fileContent} from './query.ts'
import {certificatesIn, type RevocationList, readRevocationList} from './revocation-list.ts'

/** What a certificate says. Serials are lower-case hexadecimal. */
export type Certificate = {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly from: Date
  readonly until: Date
  /** Object identifiers of the extended key usage (RFC 5280 4.2.1.12); empty where it says nothing of it. */
  readonly purposes: readonly string[]
}

/** A file with a time to live, by the host's own clock. `daysLeft` are whole days, negative after the end. */
export type Aged<Content> = Content & {readonly daysLeft: number}

/** The first certificate of PEM text; undefined where there is none. */
export const readCertificate = (pem: string): Certificate | undefined => {
  try {
    const {subject, issuer, serialNumber, validFrom, validTo, keyUsage} = new X509Certificate(pem)
    const serial = serialNumber.toLowerCase()
    return {subject, issuer, serial, from: new Date(validFrom), until: new Date(validTo), purposes: keyUsage ?? []}
  } catch {
    return undefined
  }
}

/** Whether one of the certificates in a PEM text has signed a certificate. False for what is no certificate. */
export const isSignedBy = (pem: string, authorities: string): boolean =>
  certificatesIn(authorities).some(authority => {
    try {
      const [certificate, signer] = [new X509Certificate(pem), new X509Certificate(authority)]
      return certificate.checkIssued(signer) && certificate.verify(signer.publicKey)
    } catch {
      return false
    }
  })

/** Whether a private key in PEM is that of a certificate. False for what is no key. */
export const isKeyOf = (key: Secret, pem: string): boolean => {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(key.reveal()))
  } catch {
    return false
  }
}

const dayMs = 86_400_000

const aged = <Content extends {readonly until: Date}>(
  path: string,
  what: string,
  read: (pem: string) => Content | undefined,
): Fact<Aged<Content> | undefined> => {
  const text = fileContent(path)
  return {
    name: `${what} ${path}`,
    command: $`date +%s; ${text.command}`,
    parse({stdout, ...rest}) {
      const [now = ''] = stdout.split('\n', 1)
      const pem = text.parse({...rest, stdout: stdout.slice(now.length + 1)})
      if (pem === undefined) return undefined
      const found = read(pem)
      if (!found) throw new Unreadable(`${path}: it holds no ${what} in PEM`)
      return {...found, daysLeft: Math.floor((found.until.getTime() - Number(now) * 1000) / dayMs)}
    },
  }
}

/** A certificate on the host; undefined when the file does not exist. Throws Unreadable. */
export const certificate = (path: string): Fact<Aged<Certificate> | undefined> =>
  aged(path, 'certificate', readCertificate)

/** A list of revoked certificates on the host; undefined when the file does not exist. Throws Unreadable. */
export const revocationList = (path: string): Fact<Aged<RevocationList> | undefined> =>
  aged(path, 'revocation list', readRevocationList)
