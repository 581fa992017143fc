import {existsSync} from 'node:fs'
import type {Command} from 'commander'

const module = new URL('../../lab/cli.ts', import.meta.url)

/** `gatewright lab`, in a checkout: the published package has no lab. Its code is loaded only when it is called. */
export const addLab = async (program: Command, argv: readonly string[]): Promise<void> => {
  if (!existsSync(module)) return
  if (argv[0] === 'lab') {
    const {labCommand} = (await import(module.href)) as {labCommand: () => Command}
    program.addCommand(labCommand())
  } else program.command('lab').description('virtual gateways on this machine, to try things on')
}

/** What `lab` left as the process's exit code: it is a program of its own. */
export const labExitCode = (): number => Number(process.exitCode ?? 0)
