import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

export type ServiceFact = {
  /** `active`, `inactive`, `failed`, `activating`. */
  readonly active: string
  /** `running`, `exited`, `auto-restart`. */
  readonly sub: string
  /** `enabled`, `disabled`, `static`, `masked`; empty for a unit without a file. */
  readonly enabled: string
}

/** Unit (without `.service`) -> its state; services, sockets and timers. Empty where systemd does not run. */
export const services: Fact<Readonly<Record<string, ServiceFact>>> = {
  name: 'services',
  command: $`
[ -d /run/systemd/system ] || exit 0
systemctl list-unit-files --type=service,socket,timer --no-legend --no-pager --full | sed 's/^/file /'
systemctl list-units --type=service,socket,timer --all --plain --no-legend --no-pager --full | sed 's/^/unit /'`,
  parse(answer) {
    const found: Record<string, ServiceFact> = {}
    for (const line of linesOf('services', answer)) {
      const [source, unit = '', ...rest] = line.trim().split(/\s+/)
      const name = unit.replace(/\.service$/, '')
      const known = found[name] ?? {active: 'inactive', sub: 'dead', enabled: ''}
      if (source === 'file') found[name] = {...known, enabled: rest[0] ?? ''}
      else if (rest[0] !== 'not-found') found[name] = {...known, active: rest[1] ?? '', sub: rest[2] ?? ''}
    }
    return found
  },
}
