import {messageOf} from './message-of.ts'
import type {Request} from './protocol.ts'

type Fault = Exclude<Request, {op: 'status'}>

/** What undoes a fault; undefined: it is none. */
const remedyOf = (request: Fault): Request | undefined => {
  switch (request.op) {
    case 'cut':
    case 'degrade':
      return {op: 'heal', host: request.host, link: request.link}
    case 'kill':
      return {op: 'boot', host: request.host}
    case 'freeze':
      return {op: 'thaw', host: request.host}
    default:
      return undefined
  }
}

/** Undoes faults that were asked for some seconds only. The newest thing that is done to a cable or a host settles its future. */
export class PassingFaults {
  readonly #perform: (request: Request) => Promise<void>
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(perform: (request: Request) => Promise<void>) {
    this.#perform = perform
  }

  follow(request: Request): void {
    if (request.op === 'status') return
    const place = 'link' in request ? `${request.host} ${request.link}` : request.host
    clearTimeout(this.#timers.get(place))
    this.#timers.delete(place)
    const remedy = remedyOf(request)
    const seconds = 'forSeconds' in request ? request.forSeconds : undefined
    if (!remedy || seconds === undefined) return
    const undo = (): void =>
      void this.#perform(remedy).catch(error => console.error(`${place} was not undone: ${messageOf(error)}`))
    this.#timers.set(place, setTimeout(undo, seconds * 1000))
  }
}
