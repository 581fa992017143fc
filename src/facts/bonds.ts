import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

export type BondFact = {
  readonly mode: string
  readonly ports: readonly {readonly device: string; readonly isUp: boolean}[]
}

/** Devices that are made of several ports, as /proc/net/bonding tells (Documentation/networking/bonding.rst); none on most hosts. */
export const bonds: Fact<Readonly<Record<string, BondFact>>> = {
  name: 'bonds',
  command: $`for f in /proc/net/bonding/*; do [ ! -f "$f" ] || { echo "Bond: \${f##*/}"; cat "$f"; }; done; exit 0`,
  parse(answer) {
    const found: Record<string, {mode: string; ports: {device: string; isUp: boolean}[]}> = {}
    let bond: (typeof found)[string] | undefined
    for (const line of linesOf('bonds', answer)) {
      const [, key, value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
      if (key === 'Bond') bond = found[value] = {mode: '', ports: []}
      else if (key === 'Bonding Mode' && bond) bond.mode = value
      else if (key === 'Slave Interface') bond?.ports.push({device: value, isUp: false})
      else if (key === 'MII Status') {
        // The first is that of the bond itself.
        const port = bond?.ports.at(-1)
        if (port) port.isUp = value === 'up'
      }
    }
    return found
  },
}
