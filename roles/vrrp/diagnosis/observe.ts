import {$, addresses, type Fact, fileContent, type OfferContext, packetFilter} from 'gatewright'
import {advertInterval} from '../budget.ts'
import {onWire} from '../on-wire.ts'
import {conntrackTrack, maintenanceFile, splitTrack, stateFile, trackDirectory, type VrrpVars} from '../view.ts'
import {speakingDevices} from './devices.ts'

/** What the daemons of this role are doing. */
export type Daemons = {
  /** Unit -> what `systemctl is-active` says. */
  readonly units: Readonly<Record<string, string>>
  /** States of the processes of keepalived, ps(1): `T` stands still. */
  readonly processes: readonly string[]
  /** `MASTER`, `BACKUP`, `FAULT`; undefined: not known. */
  readonly state: string | undefined
  /** Seconds since that was written. */
  readonly age: number
  /** Files with a number that is not 0, and take part in who is master. */
  readonly tracks: Readonly<Record<string, number>>
  /** AppArmor has refused keepalived something within the last hour: the latest line. */
  readonly denied: string | undefined
}

export const units = ['keepalived', 'conntrackd', 'gatewright-vrrp'] as const
export const tracks = {maintenance: maintenanceFile, conntrack: conntrackTrack, split: splitTrack}

export const daemons: Fact<Daemons> = {
  name: 'daemons of vrrp',
  command: $`
for u in ${units}; do echo "unit $u $(systemctl is-active "$u")"; done
ps -o stat= -C keepalived | sed 's/^/process /'
cat ${stateFile} 2>/dev/null | sed 's/^/state /'
date '+now %s'
for f in ${maintenanceFile} ${trackDirectory}/*; do [ -f "$f" ] && echo "track $f $(cat "$f")"; done
journalctl -k -q --no-pager --since -1h -o cat -g 'apparmor="DENIED".*keepalived' -n 1 2>/dev/null | sed 's/^/denied /'
exit 0`,
  parse({stdout}) {
    const lines = stdout.split('\n').map(line => line.split(' '))
    const of = (word: string): string[][] => lines.flatMap(([head, ...rest]) => (head === word ? [rest] : []))
    const text = of('state')[0]?.join(' ')
    const known: {state: string; beat: number} | undefined = text === undefined ? undefined : JSON.parse(text)
    return {
      units: Object.fromEntries(of('unit').map(([unit = '', is = '']) => [unit, is])),
      processes: of('process').map(([state = '']) => state),
      state: known?.state,
      age: known ? Number(of('now')[0]?.[0]) - known.beat : 0,
      tracks: Object.fromEntries(
        of('track').flatMap(([file = '', value]) => (Number(value) === 0 ? [] : [[file, Number(value)]])),
      ),
      denied: of('denied')[0]?.join(' '),
    }
  },
}

/** Three advertisements, of which two may get lost on a busy machine; a second at least. */
const patience = (vars: VrrpVars): number => Math.max(1, 3 * advertInterval(vars))

export const observe = ({vars, host}: OfferContext<VrrpVars>) => ({
  daemons,
  addresses,
  packetFilter,
  conf: fileContent('/etc/keepalived/keepalived.conf'),
  onWire: onWire(speakingDevices(vars, host), patience(vars)),
})
