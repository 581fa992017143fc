import {spawnSync} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {VaultProblem} from './vault-problem.ts'

/*
 * Asks on the terminal, whatever stdin and stdout are. A shell does it, because its trap puts the echo back when Ctrl-C ends
 * all of this; the answer comes back through a pipe.
 */
const script = `trap 'stty "$saved"; printf "\\n" >&0' EXIT
trap 'exit 130' HUP INT TERM
saved=$(stty -g) && stty -echo || exit 1
printf %s "$1" >&0
IFS= read -r answer || exit 1
printf %s "$answer"`

const noTerminal = (): VaultProblem =>
  new VaultProblem({
    rule: 'vault-prompt',
    what: 'there is no terminal to ask for the vault password on',
    fix: 'give it with --vault-password-file FILE or --vault-id LABEL@FILE',
  })

/** Asks for a line without showing it. Throws VaultProblem. */
export const prompt = (question: string): string => {
  let terminal: number
  try {
    terminal = openSync('/dev/tty', 'r+')
  } catch {
    throw noTerminal()
  }
  try {
    const {status, stdout} = spawnSync('/bin/sh', ['-c', script, 'sh', question], {
      stdio: [terminal, 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    if (status === 0 && stdout.trim() !== '') return stdout.trim()
    throw new VaultProblem({
      rule: 'vault-prompt',
      what: 'no vault password was entered',
      fix: 'enter it, or give it with --vault-password-file FILE',
    })
  } finally {
    closeSync(terminal)
  }
}
