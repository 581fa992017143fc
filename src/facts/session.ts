import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

export type SessionFact = {
  /** Addresses of the connection; undefined where the engine did not come over SSH. */
  readonly client: string | undefined
  readonly server: string | undefined
  /** The account before it became another. */
  readonly account: string
  readonly groups: readonly string[]
}

/** How the engine is on the host: SSH_CONNECTION of sshd(8), and the account that it has logged in with. */
export const session: Fact<SessionFact> = {
  name: 'ssh session',
  command: $`
p=$$
while [ "\${p:-0}" -gt 1 ]; do
c=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$p/environ" | sed -n 's/^SSH_CONNECTION=//p')
[ -z "$c" ] || { echo "connection $c"; break; }
p=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status" 2>/dev/null)
done
a=\${SUDO_USER:-$(id -un)}
echo "account $a"
echo "groups $(id -Gn -- "$a")"`,
  parse({stdout}) {
    const field = (name: string): string[] => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1]?.split(' ') ?? []
    const [client, , server] = field('connection')
    return {client, server, account: field('account')[0] ?? '', groups: field('groups')}
  },
}
