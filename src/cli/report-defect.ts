import {exitCodes} from '../playbook/exit-code.ts'
import {redactor} from '../reporters/redact.ts'
import {registeredSecrets} from '../shell/secret.ts'
import {stackOf} from '../wording.ts'
import type {Io} from './io.ts'
import {version} from './version.ts'

/** An exception that nobody expected. */
export const reportDefect = (error: unknown, typed: string, io: Io): number => {
  const redact = redactor(registeredSecrets())
  io.stderr.write(
    `gatewright: this is a defect of gatewright ${version()}, not of your input. Please report it with this text and ` +
      `what you typed (look through both for secrets first):\n  ${redact(typed)}\n${redact(stackOf(error))}\n`,
  )
  return exitCodes.defect
}
