import type {Sealed} from './cipher.ts'
import {VaultProblem} from './vault-problem.ts'

const header = '$ANSIBLE_VAULT'
const columns = 80

/** Whether text was encrypted by Ansible Vault, or says so. */
export const isVaulted = (text: string | Buffer): boolean =>
  (typeof text === 'string' ? text : text.subarray(0, header.length).toString('latin1')).startsWith(header)

/** What stands in encrypted text. `label` is the vault id of format 1.2: a nickname that nothing guarantees. */
export type Envelope = Sealed & {readonly label: string | undefined}

const damaged = (why: string, line: number): VaultProblem =>
  new VaultProblem({
    rule: 'vault-damaged',
    what: 'the encrypted text is damaged',
    why,
    fix: 'restore it from where it was encrypted',
    line,
  })

const bytesOf = (hex: string, line: number): Buffer => {
  if (!/^([0-9a-f]{2})+$/i.test(hex)) throw damaged('it is not made of pairs of hexadecimal digits', line)
  return Buffer.from(hex, 'hex')
}

const checkLines = (lines: readonly string[]): void => {
  for (const [index, line] of lines.entries())
    if (!/^[0-9a-f]*$/i.test(line)) throw damaged('this line holds something else than hexadecimal digits', index + 1)
}

const headerOf = (text: string): readonly string[] => (text.split('\n', 1)[0] ?? '').split(';').map(part => part.trim())

/** The vault id that text says it was encrypted for. */
export const labelOf = (text: string): string | undefined => headerOf(text)[3] || undefined

/** Reads encrypted text of format 1.1 and 1.2. Throws VaultProblem. */
export const readEnvelope = (text: string): Envelope => {
  const [, version = '', cipher = ''] = headerOf(text)
  if (version !== '1.1' && version !== '1.2')
    throw new VaultProblem({
      rule: 'vault-version',
      what:
        version === ''
          ? 'the header of the encrypted text names no format'
          : `the vault format '${version}' is unknown`,
      why: 'formats 1.1 and 1.2 are read',
      fix: 'encrypt it anew with gatewright vault encrypt',
    })
  if (cipher !== 'AES256')
    throw new VaultProblem({
      rule: 'vault-cipher',
      what:
        cipher === '' ? 'the header of the encrypted text names no cipher' : `the vault cipher '${cipher}' is unknown`,
      why: 'AES256 is read',
      fix: 'encrypt it anew with gatewright vault encrypt',
    })
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.trim())
  checkLines(lines)
  const parts = bytesOf(lines.join(''), 1).toString('latin1').split('\n')
  if (parts.length !== 3) throw damaged('salt, digest and text are not all there', 1)
  const [salt, digest, body] = parts.map(part => bytesOf(part, 1)) as [Buffer, Buffer, Buffer]
  if (digest.length !== 32 || body.length % 16 !== 0) throw damaged('its end is missing', lines.length)
  return {salt, digest, body, label: labelOf(text)}
}

/** Encrypted text with its header, in lines of 80 characters. */
export const writeEnvelope = ({salt, digest, body}: Sealed, label?: string): string => {
  const named = label !== undefined && label !== 'default'
  const inner = [salt, digest, body].map(part => part.toString('hex')).join('\n')
  const hex = Buffer.from(inner).toString('hex')
  const lines = hex.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []
  return `${[named ? `${header};1.2;AES256;${label}` : `${header};1.1;AES256`, ...lines].join('\n')}\n`
}
