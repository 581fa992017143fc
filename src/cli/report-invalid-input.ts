import {formatDiagnostic, type InvalidInput} from '../diagnostic.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {emitter} from '../reporters/emit.ts'
import {jsonLines} from '../reporters/json-lines.ts'
import {redactor} from '../reporters/redact.ts'
import {registeredSecrets} from '../shell/secret.ts'
import type {Io} from './io.ts'

/** Every problem on a line of stderr; with --json also as events. */
export const reportInvalidInput = ({diagnostics}: InvalidInput, json: boolean, io: Io): number => {
  const redact = redactor(registeredSecrets())
  for (const diagnostic of redact(diagnostics)) io.stderr.write(`${formatDiagnostic(diagnostic)}\n`)
  const {length} = diagnostics
  io.stderr.write(`${length} problem${length === 1 ? '' : 's'}; nothing was connected\n`)
  if (json) {
    const emit = emitter([jsonLines(io.stdout)])
    for (const diagnostic of diagnostics) emit({event: 'diagnostic', diagnostic})
  }
  return exitCodes.invalidInput
}
