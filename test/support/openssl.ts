import {ensureDebianPackages} from '../../lab/debian-packages.ts'
import {type Result, run} from '../../lab/run.ts'

let installed: Promise<void> | undefined

/** Debian's openssl program; it is installed where it is missing, so that no check is left out. */
export const openssl = async (...words: readonly string[]): Promise<Result> => {
  installed ??= ensureDebianPackages({openssl: 'openssl'}, line => console.error(line))
  await installed
  return run(['openssl', ...words])
}
