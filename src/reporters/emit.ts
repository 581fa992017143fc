import type {Emit, Event, Reporter} from '../events.ts'
import {registeredSecrets} from '../shell/secret.ts'
import {hideNoLog} from './no-log.ts'
import {redactor} from './redact.ts'

export type EmitterOptions = {
  /** Revealed secrets, none of which leaves through an event; more may come while it runs. Those of the run, if not given. */
  readonly secrets?: ReadonlySet<string>
  /** The present moment; tests give their own. */
  readonly now?: () => Date
}

/** Gives every event its time, takes out what `no_log` hides, masks secrets and passes it to all reporters. */
export const emitter = (
  reporters: readonly Reporter[],
  {secrets = registeredSecrets(), now = () => new Date()}: EmitterOptions = {},
): Emit => {
  let known = secrets.size
  let redact = redactor(secrets)
  const hide = hideNoLog()
  return event => {
    if (secrets.size > known) redact = redactor(secrets)
    known = secrets.size
    const {event: name, ...rest} = hide(event)
    const told = {event: name, time: now().toISOString(), ...redact(rest)} as Event
    for (const reporter of reporters) reporter.on(told)
  }
}
