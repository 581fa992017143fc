import {posix} from 'node:path'

/** Where new content of `path` waits beside it until it has been validated: on the same file system, so a rename suffices. */
export const candidateOf = (path: string): string =>
  posix.join(posix.dirname(path), `.${posix.basename(path)}.gatewright`)
