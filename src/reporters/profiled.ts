import type {Reporter} from '../events.ts'
import {Profiler} from './profile.ts'

/** Tells a reporter, before the summary, where the time went. */
export const profiled = <Inner extends Reporter>(reporter: Inner): Inner => {
  const profiler = new Profiler()
  return {
    ...reporter,
    on(event) {
      profiler.on(event)
      if (event.event === 'summary') reporter.on({event: 'profile', time: event.time, profile: profiler.profile()})
      reporter.on(event)
    },
  }
}
