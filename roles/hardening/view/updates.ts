import type {Host} from 'gatewright'
import type {HardeningVars} from '../schema.ts'

export type UpdatesView = {
  readonly download: string
  readonly install: string
  readonly never: readonly string[]
}

/** Each gateway has a time of its own, by the order of names in the pair. */
export const updatesView = (
  vars: HardeningVars,
  host: Host,
  peers: readonly {readonly name: string}[],
): UpdatesView => {
  const place = [host.name, ...peers.map(({name}) => name)].toSorted().indexOf(host.name)
  const [hours = 0, minutes = 0] = vars.updates_time.split(':').map(Number)
  const at = (hour: number): string =>
    `${String((hour + 24) % 24).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
  const install = hours + place * vars.updates_stagger_hours
  return {download: at(install - 1), install: at(install), never: vars.updates_never}
}
