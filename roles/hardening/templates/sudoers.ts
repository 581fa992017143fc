import type {Operator} from '../view/accounts.ts'

/** Read before files with names that begin with a letter: what an administrator wrote there has the last word. */
export const sudoers = (operators: readonly Operator[]): string => `\
# Made by gatewright (role hardening).
Defaults use_pty
Defaults timestamp_timeout=5
${operators
  .filter(({maySudo}) => maySudo)
  .map(({name}) => `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`)
  .join('')}`
