import {exitCodes} from '../playbook/exit-code.ts'
import type {Io} from './io.ts'
import {version} from './version.ts'

/** An exception that nobody expected. */
export const reportDefect = (error: unknown, typed: string, io: Io): number => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(
    `gatewright: this is a defect of gatewright ${version()}, not of your input. Please report it with this text and ` +
      `what you typed (look through both for secrets first):\n  ${typed}\n${text}\n`,
  )
  return exitCodes.defect
}
