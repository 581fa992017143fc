import {InvalidInput} from '../diagnostic.ts'
import type {Reporter} from '../events.ts'
import {messageOf} from '../wording.ts'
import type {RunFlags} from './flags.ts'
import type {Io} from './io.ts'
import {reportFile} from './report-file.ts'

type Flags = Pick<RunFlags, 'junit' | 'strict'>

/** The reporter that `--junit` asks for. Throws InvalidInput. */
export const junitFor = async ({junit: path, strict}: Flags, {cwd, stderr}: Io): Promise<readonly Reporter[]> => {
  if (path === undefined) return []
  const save = reportFile('--junit', path, cwd)
  const {junit} = await import('../reporters/junit.ts')
  // The run is over: what it did and its exit code stay.
  const saveOrTell = (xml: string): void => {
    try {
      save(xml)
    } catch (error) {
      stderr.write(`gatewright: --junit ${path} was not written: ${messageOf(error)}\n`)
    }
  }
  return [junit(saveOrTell, {strict: strict ?? false})]
}

/** What `load` gives; with `--junit` invalid input is told there as well. */
export const loadedFor = async <Loaded>(flags: Flags, io: Io, load: () => Promise<Loaded>): Promise<Loaded> => {
  if (flags.junit === undefined) return load()
  const save = reportFile('--junit', flags.junit, io.cwd)
  try {
    return await load()
  } catch (error) {
    const {junitOfInput} = await import('../reporters/junit.ts')
    if (error instanceof InvalidInput) save(junitOfInput(error.diagnostics, Date.now()))
    throw error
  }
}
