import type {Event} from '../events.ts'
import {listed} from './text.ts'

/** What has become of a change that can cut the way to its host. */
export const confirmText = ({state, ids, seconds}: Extract<Event, {event: 'commit-confirm'}>): string => {
  const what = listed(ids, 3)
  if (state === 'armed') return `rollback armed, comes in ${seconds} s: ${what}`
  return state === 'confirmed'
    ? `confirmed by a new login after ${seconds} s: ${what}`
    : `rolled back after ${seconds} s: ${what}`
}
