import {quote} from '../shell/quote.ts'

/** How the rights of another user are taken on a host. */
export type BecomeMethod = {
  readonly method?: 'sudo' | 'su'
  readonly password?: string
  /** Another program than the method's name. */
  readonly executable?: string
  /** Further options of it. */
  readonly flags?: readonly string[]
}

export type Become = BecomeMethod & {readonly user: string}

/** The words that run `words` as another user. `prompt` is what sudo asks with; without it sudo may not ask. */
export const asUser = (become: Become | undefined, prompt: string | undefined, words: readonly string[]): string[] => {
  if (become === undefined) return [...words]
  const {user, method = 'sudo', executable = method, flags = []} = become
  // su takes one command line for the shell of the user.
  if (method === 'su') return ['env', 'LC_ALL=C', executable, ...flags, user, '-c', commandLine(words)]
  const asking = prompt === undefined ? ['-n'] : ['-S', '-p', prompt]
  return [executable, ...flags, ...asking, '-u', user, '--', ...words]
}

export const commandLine = (words: readonly string[]): string => `exec ${words.map(quote).join(' ')}`

/** Whether what was said on stderr ends in the question for the password. */
export const isAsking = ({method}: Become, prompt: string | undefined, words: string): boolean =>
  method === 'su' ? /password[^\n]*: ?$/i.test(words) : prompt !== undefined && words.includes(prompt)

/** stdin belongs to sudo or su until the command has begun: what they read would be missing there. */
export const ownsStdin = ({method, password}: Become): boolean => method === 'su' || password !== undefined

/** What to do when a user may not become another. */
export const becomeAdvice = ({method = 'sudo', password}: Become, hasAsked: boolean): string => {
  const give = 'give the become password (--ask-become-pass, --become-password-file or ansible_become_password)'
  if (hasAsked) return 'correct the become password'
  if (method === 'su') return password === undefined ? give : 'look at what su says'
  return password === undefined ? `allow it in sudoers without a password, or ${give}` : 'allow it in sudoers'
}
