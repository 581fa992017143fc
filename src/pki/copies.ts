import type {Index} from './index-file.ts'

/** Names under which an authority keeps its own keys; no certificate may have them. */
export const authorityKeys = {x509: 'ca', ssh: 'ssh-ca', tlsCrypt: 'tls-crypt-v2'} as const
/** The name of a client's key of tls-crypt-v2: no certificate can have it, as a plus sign stands in none. */
export const tlsCryptKey = (name: string): string => `${name}+tls-crypt-v2`

/** Which private keys belong to the index: name -> serials of the certificates that they were made for. */
export const keyNames = ({x509, ssh, tlsCrypt}: Index): ReadonlyMap<string, ReadonlySet<string>> => {
  const names = new Map<string, Set<string>>()
  const note = (name: string, serial: string): void => void names.set(name, (names.get(name) ?? new Set()).add(serial))
  if (x509) note(authorityKeys.x509, x509.serial)
  if (ssh) note(authorityKeys.ssh, ssh.serial)
  if (tlsCrypt) note(authorityKeys.tlsCrypt, tlsCrypt.serial)
  for (const {name, serial} of x509?.certificates ?? []) note(name, serial)
  for (const {name, serial} of tlsCrypt?.clients ?? []) note(tlsCryptKey(name), serial)
  return names
}

/** Files that are parts of the index, for playbooks and other programs to read: path -> content. */
export const copiesOf = ({x509, ssh}: Index): ReadonlyMap<string, Buffer | string> => {
  const files = new Map<string, Buffer | string>()
  if (x509) {
    files.set('ca.crt', x509.pem)
    files.set('crl.pem', x509.crl.pem)
    // The last one of a name wins.
    for (const {name, pem} of x509.certificates) files.set(`issued/${name}.crt`, pem)
  }
  if (ssh) {
    files.set('ssh/ca.pub', `${ssh.publicKey}\n`)
    files.set('ssh/revoked.krl', Buffer.from(ssh.krl, 'base64'))
    const revoked = ssh.certificates.filter(each => each.revoked).map(each => `${each.publicKey}\n`)
    files.set('ssh/revoked_keys', [...new Set(revoked)].join(''))
    for (const {name, certificate} of ssh.certificates) files.set(`ssh/${name}-cert.pub`, `${certificate}\n`)
  }
  return files
}
