import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

/** `supplies` is undefined where the host cannot tell, for the reason `why`. */
export type PowerSupplies =
  | {readonly supplies: readonly {readonly name: string; readonly isWell: boolean}[]}
  | {readonly supplies: undefined; readonly why: string}

/**
 * By the sensors of the management controller (`ipmitool sdr`, ipmitool(1)), else by those mains supplies that the kernel knows
 * (/sys/class/power_supply, Documentation/ABI/testing/sysfs-class-power). A virtual machine and a container see none.
 */
export const powerSupplies: Fact<PowerSupplies> = {
  name: 'power supplies',
  command: $`
kind=$(systemd-detect-virt 2>/dev/null) && { echo "none a $kind cannot see the power supplies of its host"; exit 0; }
command -v ipmitool >/dev/null && timeout 5 ipmitool sdr type 'Power Supply' 2>/dev/null | sed 's/^/ipmi /'
for d in /sys/class/power_supply/*; do
[ "$(cat "$d/type" 2>/dev/null)" = Mains ] && echo "mains $(cat "$d/online") \${d##*/}"
done
exit 0`,
  parse(answer) {
    const lines = linesOf('power supplies', answer)
    const virtual = lines.find(line => line.startsWith('none '))
    if (virtual !== undefined) return {supplies: undefined, why: virtual.slice(5)}
    const sensors = lines.flatMap(line => (line.startsWith('ipmi ') ? [sensorOf(line.slice(5))] : []))
    const mains = lines.flatMap(line => {
      const [, online, name = ''] = /^mains (\d) (.+)$/.exec(line) ?? []
      return online === undefined ? [] : [{name, isWell: online === '1'}]
    })
    const supplies = sensors.length > 0 ? sensors : mains
    return supplies.length > 0
      ? {supplies}
      : {supplies: undefined, why: 'neither ipmitool nor the kernel knows of any power supply'}
  },
}

/** `PS1 Status | C8h | ok | 10.1 | Presence detected, Power Supply AC lost` */
const sensorOf = (line: string): {name: string; isWell: boolean} => {
  const [name = '', , status, , reading = ''] = line.split('|').map(part => part.trim())
  return {
    name,
    isWell: status === 'ok' && /presence detected/i.test(reading) && !/fail|lost|out-of-range/i.test(reading),
  }
}
