import {$, type Fact} from 'gatewright'

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
