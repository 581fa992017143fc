/** What a host's shell says about itself before anything else. */
export type Hello = {
  readonly uid: number
  /** Process id of the shell on the host. */
  readonly pid: number
  /**
   * `rw`: nothing was asked. `ro`: every file system is read-only for this shell. `partial`: some could not be remounted.
   * `refused`: the host grants no mount namespace, so everything is writable.
   */
  readonly mode: 'rw' | 'ro' | 'partial' | 'refused'
}

/** One frame of the shell's answer; `n` is the number of the fragment. Their order and layout are told in loop.ts. */
export type Frame =
  | ({readonly is: 'hello'} & Hello)
  | {readonly is: 'begin'; readonly n: number}
  | {readonly is: 'stdout' | 'stderr'; readonly n: number; readonly code: number; readonly bytes: Buffer}
  | {readonly is: 'skipped'; readonly n: number}

/** Bytes where a frame has to begin, which begin none. */
export class NotAFrame extends Error {
  constructor(line: string) {
    super(`expected a frame, got ${JSON.stringify(line.slice(0, 120))}`)
    this.name = 'NotAFrame'
  }
}

const longestHeader = 256
const lineFeed = 10

/** Takes frames out of the byte stream, wherever it is cut. What stands before the hello (a login banner) is dropped. */
export class FrameReader {
  readonly #marker: Buffer
  #chunks: Buffer[] = []
  #size = 0
  #wanted = 1
  #greeted = false

  constructor(marker: string) {
    this.#marker = Buffer.from(`${marker} `)
  }

  /** Frames completed by `chunk`. Throws NotAFrame. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size >= this.#wanted) {
      const buffer = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
      const taken = this.#take(buffer)
      const rest = taken === undefined ? buffer : buffer.subarray(taken.length)
      this.#chunks = rest.length === 0 ? [] : [rest]
      this.#size = rest.length
      if (taken === undefined) return
      this.#wanted = 1
      if (taken.frame !== undefined) yield taken.frame
    }
  }

  #take(buffer: Buffer): {length: number; frame?: Frame} | undefined {
    if (!this.#greeted) {
      const start = buffer.indexOf(this.#marker)
      if (start > 0) return {length: start}
      if (start < 0) return this.#await(buffer.length + 1)
    }
    const end = buffer.indexOf(lineFeed)
    const line = buffer.toString('latin1', 0, end < 0 ? buffer.length : end)
    const marker = this.#marker.toString()
    if (line.length >= marker.length ? !line.startsWith(marker) : !marker.startsWith(line)) throw new NotAFrame(line)
    if (end < 0) {
      if (buffer.length > longestHeader) throw new NotAFrame(line)
      return this.#await(buffer.length + 1)
    }
    return this.#parse(buffer, line, end + 1)
  }

  #parse(buffer: Buffer, line: string, start: number): {length: number; frame: Frame} | undefined {
    const [letter, ...fields] = line.slice(this.#marker.length).split(' ')
    const [n = NaN, code = NaN, length = NaN] = fields.map(Number)
    if (letter === 'H') {
      this.#greeted = true
      return {length: start, frame: {is: 'hello', uid: n, pid: code, mode: fields[2] as Hello['mode']}}
    }
    if (letter === 'B') return {length: start, frame: {is: 'begin', n}}
    if (letter === 'S') return {length: start, frame: {is: 'skipped', n}}
    if ((letter !== 'O' && letter !== 'E') || !Number.isSafeInteger(length)) throw new NotAFrame(line)
    const end = start + length
    if (buffer.length < end + 1) return this.#await(end + 1)
    if (buffer[end] !== lineFeed) throw new NotAFrame(line)
    return {
      length: end + 1,
      frame: {is: letter === 'O' ? 'stdout' : 'stderr', n, code, bytes: buffer.subarray(start, end)},
    }
  }

  #await(bytes: number): undefined {
    this.#wanted = bytes
  }
}
