import type {Emit, Event, Reporter} from '../events.ts'
import {hideNoLog} from './no-log.ts'
import {redactor} from './redact.ts'

export type EmitterOptions = {
  /** Revealed secrets; none of them leaves through an event. */
  readonly secrets?: readonly string[]
  /** The present moment; tests give their own. */
  readonly now?: () => Date
}

/** Gives every event its time, takes out what `no_log` hides, masks secrets and passes it to all reporters. */
export const emitter = (
  reporters: readonly Reporter[],
  {secrets = [], now = () => new Date()}: EmitterOptions = {},
): Emit => {
  const redact = redactor(secrets)
  const hide = hideNoLog()
  return event => {
    const {event: name, ...rest} = hide(event)
    const told = {event: name, time: now().toISOString(), ...redact(rest)} as Event
    for (const reporter of reporters) reporter.on(told)
  }
}
