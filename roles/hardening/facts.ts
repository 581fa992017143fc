import {$, type Fact} from 'gatewright'

/** How the engine is on the host: SSH_CONNECTION of sshd(8), and the account before it became another. */
export const session: Fact<{
  readonly client: string | undefined
  readonly server: string | undefined
  readonly account: string
  readonly groups: readonly string[]
}> = {
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

/** Every line that systemd-sysctl(8) would set at boot, in its order: `file key value`. The last one wins. */
export const sysctlLines: Fact<readonly {readonly file: string; readonly key: string; readonly value: string}[]> = {
  name: 'sysctl.d',
  command: $`
for f in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
[ -f "$f" ] && printf '%s %s\\n' "\${f##*/}" "$f"
done | sort -s -u -k 1,1 | while read -r n f; do
sed -nE 's,^[[:space:]]*-?[[:space:]]*([^#;=[:space:]]+)[[:space:]]*=[[:space:]]*(.*)$,\\1 \\2,p' "$f" | while read -r k v; do printf '%s %s %s\\n' "$f" "$k" "$v"; done
done
exit 0`,
  parse: ({stdout}) =>
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [file = '', key = '', ...value] = line.split(' ')
        return {file, key, value: value.join(' ').trim()}
      }),
}

/** Size in MiB of the file system that holds the logs. */
export const logDiskMib: Fact<number> = {
  name: 'size of /var/log',
  command: $`df -Pk /var/log`,
  parse: ({stdout}) => Math.floor(Number(stdout.trim().split('\n').at(-1)?.split(/\s+/)[1] ?? Number.NaN) / 1024),
}
