import type {Control} from './model.ts'

/** Of an entry that nothing surrounds: whom it becomes, and no more. */
export const plainControl = (become?: string): Control => ({
  blocks: [],
  become: () => become,
  runOnce: false,
  noLog: false,
  anyErrorsFatal: false,
  ignoreErrors: () => false,
  name: () => undefined,
  notifies: () => [],
})
