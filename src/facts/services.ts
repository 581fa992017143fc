import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

export type ServiceFact = {
  /** `active`, `inactive`, `failed`, `activating`. */
  readonly active: string
  /** `running`, `exited`, `auto-restart`. */
  readonly sub: string
  /** A link in /etc starts it with another unit, at boot as a rule. */
  readonly enabled: boolean
  /** A link to /dev/null keeps it from being started. */
  readonly masked: boolean
}

/**
 * Unit (without `.service`) -> its state: services, sockets and timers that are loaded, enabled or masked. The links are
 * read here, because `systemctl list-unit-files` takes half a second. Empty where systemd does not run.
 */
export const services: Fact<Readonly<Record<string, ServiceFact>>> = {
  name: 'services',
  command: $`
[ -d /run/systemd/system ] || exit 0
systemctl list-units --type=service,socket,timer --all --plain --no-legend --no-pager --full | sed 's/^/unit /'
for f in /etc/systemd/system/*.wants/* /etc/systemd/system/*.requires/*; do [ -L "$f" ] && echo "enabled \${f##*/}"; done
for f in /etc/systemd/system/* /run/systemd/system/*; do [ -L "$f" ] && [ ! -s "$f" ] && [ "$(readlink -- "$f")" = /dev/null ] && echo "masked \${f##*/}"; done
exit 0`,
  parse(answer) {
    const found = new Map<string, ServiceFact>()
    for (const line of linesOf('services', answer)) {
      const [source, unit = '', load, active = '', sub = ''] = line.trim().split(/\s+/)
      if (!/\.(service|socket|timer)$/.test(unit) || load === 'not-found') continue
      const name = unit.replace(/\.service$/, '')
      const known = found.get(name) ?? {active: 'inactive', sub: 'dead', enabled: false, masked: false}
      found.set(name, source === 'unit' ? {...known, active, sub} : {...known, [source ?? '']: true})
    }
    return Object.fromEntries(found)
  },
}
