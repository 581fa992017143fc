import type {Control} from './model.ts'

/** Of an entry that nothing surrounds: its play's become, and no more. */
export const plainControl = (become: string | undefined): Control => ({
  blocks: [],
  become: () => become,
  runOnce: false,
  noLog: false,
  anyErrorsFatal: false,
  ignoreErrors: () => false,
  notifies: [],
})
