import {createHash} from 'node:crypto'
import {Secret} from '../shell/secret.ts'

/** Bytes that are not, or need not be, text. Prints as its digest, so that no plan or comparison spells out a large file. */
export class Bytes {
  readonly #bytes: Uint8Array
  #sha256: string | undefined
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }
  reveal(): Uint8Array {
    return this.#bytes
  }
  get sha256(): string {
    this.#sha256 ??= createHash('sha256').update(this.#bytes).digest('hex')
    return this.#sha256
  }
  toJSON(): {readonly sha256: string} {
    return {sha256: this.sha256}
  }
}

/** What a file holds. */
export type Content = string | Secret | Bytes

export const bytesOf = (content: Content): Buffer => {
  const plain = typeof content === 'string' ? content : content.reveal()
  return typeof plain === 'string' ? Buffer.from(plain) : Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength)
}

export const sha256Of = (content: Content): string =>
  content instanceof Bytes ? content.sha256 : createHash('sha256').update(bytesOf(content)).digest('hex')

/** A file longer than this is shown by its digest only, in bytes. */
export const textCap = 256 * 1024

/** As it may be shown: UTF-8 without a NUL, below the cap, and no secret. */
export const shownText = (content: Content): string | undefined => {
  if (content instanceof Secret) return undefined
  if (typeof content === 'string') return Buffer.byteLength(content) > textCap ? undefined : content
  const bytes = content.reveal()
  return bytes.byteLength > textCap ? undefined : utf8Of(bytes)
}

/** Text that is not UTF-8 or holds a NUL is no text. */
export const utf8Of = (bytes: Uint8Array): string | undefined => {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
