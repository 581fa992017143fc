import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

export type AskedAddress = {readonly device: string; readonly address: string}
/** `mac` answers for the address now, nobody does, or it is this host's own; what cannot be told is left out. */
export type SeenAddress = AskedAddress & {readonly is: 'answered' | 'silent' | 'own'; readonly mac?: string}

/** Tenths of a second for an answer: machines of a segment answer ARP and neighbour solicitations within milliseconds. */
const patience = 10

/**
 * Who answers for these addresses now, each on its device (ARP, neighbour discovery). Asked for rules over what is found
 * (`liveFacts`); it takes a second where somebody does not answer. A datagram to the port `discard` (RFC 863) makes the kernel
 * ask; what it knows of old (STALE, ip-neighbour(8)) is forgotten first, because the machine may be gone. Nobody else is disturbed:
 * what is in use is not STALE. Without bash, which every Debian has, nothing is told.
 */
export const answers = (name: string, asked: readonly AskedAddress[]): Fact<readonly SeenAddress[]> => ({
  name,
  command: $`
set -- ${asked.flatMap(({device, address}) => [device, address])}
[ $# -gt 0 ] && command -v bash >/dev/null || exit 0
each() { while [ $# -gt 1 ]; do "$do" "$1" "$2"; shift 2; done; }
ask() {
to=$2
case $2 in fe80:*) to=$2%$1 ;; esac
case $(ip neighbour show to "$2" dev "$1" 2>/dev/null) in *' STALE'*) ip neighbour del "$2" dev "$1" 2>/dev/null ;; esac
bash -c 'echo >"/dev/udp/$0/9"' "$to" 2>/dev/null
}
open() { ip neighbour show to "$2" dev "$1" 2>/dev/null | grep -q INCOMPLETE && echo open; }
tell() {
if ip -oneline address show to "$2" 2>/dev/null | grep -q .; then echo "$1 $2 own"; return; fi
set -- "$1" "$2" $(ip neighbour show to "$2" dev "$1" 2>/dev/null | sed -n 's/^.*lladdr \\([^ ]*\\) .*REACHABLE *$/answered \\1/p; s/^.*\\(INCOMPLETE\\|FAILED\\) *$/silent/p')
[ -z "\${3:-}" ] || echo "$@"
}
do=ask; each "$@"
do=open; n=0
while [ $n -lt ${patience} ] && each "$@" | grep -q open; do n=$((n + 1)); sleep 0.1; done
do=tell; each "$@"
exit 0`,
  parse: ({stdout}) =>
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [device = '', address = '', is, mac] = line.split(' ')
        return {device, address, is: is as SeenAddress['is'], ...(mac !== undefined && {mac})}
      }),
})
