import ssh2 from 'ssh2'

export type SshKeyPair = {readonly private: string; readonly public: string}

/** True when what one key signs is verified by the other. */
const belongTogether = (pair: SshKeyPair): boolean => {
  const [privateKey, publicKey] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)]
  if (privateKey instanceof Error || publicKey instanceof Error) return false
  const signed = privateKey.sign('gatewright')
  // ssh2 returns an error where its types say boolean.
  const verified: unknown = !(signed instanceof Error) && publicKey.verify('gatewright', signed)
  return verified === true
}

const generate = (comment: string): SshKeyPair => ssh2.utils.generateKeyPairSync('ed25519', {comment})

/**
 * An Ed25519 key pair in OpenSSH's formats. One of about 256 that ssh2 makes is malformed, because zero bytes in front are
 * cut off (mscdex/ssh2 issues 1390 and 1513, version 1.17.0); such a pair is thrown away.
 */
export const newSshKeyPair = (comment: string, pairs: (comment: string) => SshKeyPair = generate): SshKeyPair => {
  for (;;) {
    const pair = pairs(comment)
    if (belongTogether(pair)) return pair
  }
}
