import {isActive} from '../resources/stand-by.ts'
import {faultUnit} from './fault-script.ts'
import type {DrillGround} from './ground.ts'
import {handLack} from './hands.ts'
import type {DrillFault, PairDrill, Scenario} from './model.ts'
import {pairNow} from './pair-state.ts'

/** A pair that is not drilled, with what to do about it. */
export class DrillRefused extends Error {
  readonly next: string
  constructor(message: string, next: string) {
    super(message)
    this.next = next
  }
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Whether a time of this machine's clock is within one of the windows (`Sun 02:00-05:00`). */
export const isInWindow = (windows: readonly string[], at: Date): boolean =>
  windows.some(window => {
    const [, day, from = '', to = ''] = /^(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(window) ?? []
    const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
    return day === days[at.getDay()] && time >= from && time < to
  })

/** What must hold before anything is broken. Throws DrillRefused. */
export const checkPair = async (ground: DrillGround): Promise<void> => {
  const {drill, terms} = ground
  const {complaints} = await pairNow(ground)
  if (complaints.length > 0)
    throw new DrillRefused(
      `the pair ${drill.pair} is not fit for a drill: ${complaints.join('; ')}`,
      'mend it first; a drill cannot be forced',
    )
  for (const host of drill.standIns)
    if ((await ground.ask(host, isActive.text)).code === 0)
      throw new DrillRefused(
        `${host} stands in for the pair ${drill.pair} now`,
        'give the place back first: playbooks/deactivate.yml',
      )
  for (const host of [...drill.hosts, ...drill.standIns]) {
    const {stdout} = await ground.ask(
      host,
      `systemctl list-units --all --plain --no-legend '${faultUnit}-*.timer' | cut -d' ' -f1`,
    )
    const armed = stdout.trim().split('\n').filter(Boolean)
    if (armed.length > 0)
      throw new DrillRefused(
        `a fault of an earlier drill is still armed on ${host}: ${armed.join(', ')}`,
        `it ends by itself: \`systemctl list-timers '${faultUnit}-*'\` on ${host} says when`,
      )
  }
  for (const host of drill.hosts) {
    const through = (await ground.waysTo(host)).find(address => ground.addresses.has(address))
    if (through !== undefined)
      throw new DrillRefused(
        `this machine reaches ${host} by way of ${through}, an address of the pair itself`,
        'run the drill from a machine that has another way to both gateways',
      )
  }
  if (terms.isLab) return
  if (terms.windows.length === 0)
    throw new DrillRefused(
      `the inventory has no time in which ${drill.pair} may be drilled`,
      "set drill_window, such as ['Sun 02:00-05:00'], or drill_lab where nobody depends on the pair",
    )
  const at = new Date(ground.now())
  if (!isInWindow(terms.windows, at))
    throw new DrillRefused(
      `${drill.pair} may be drilled in ${terms.windows.join(', ')} only, and it is ${days[at.getDay()]} ${at.toTimeString().slice(0, 5)}`,
      'run it then',
    )
  const played = drill.scenarios.filter(({leftOut}) => leftOut === undefined)
  const typed = await ground.askPerson(
    `${played.length} scenarios will break ${drill.hosts.join(' and ')} one at a time; the worst that users may notice: ${[...new Set(played.map(({breaks}) => breaks))].join('; ')}. Type the name of the pair (${drill.pair}) to begin: `,
  )
  if (typed?.trim() !== drill.pair)
    throw new DrillRefused('it was not confirmed', `type ${drill.pair} when asked, or give it on standard input`)
}

/** The links over which the engine reaches each gateway: never to be broken. */
export const ownLinks = async (ground: DrillGround): Promise<ReadonlyMap<string, string | undefined>> =>
  new Map(
    await Promise.all(
      ground.drill.hosts.map(async host => {
        const {stdout} = await ground.askAsUser(
          host,
          '[ -n "${SSH_CONNECTION:-}" ] && ip -oneline route get "${SSH_CONNECTION%% *}" || :',
        )
        const device = / dev (\S+)/.exec(stdout)?.[1]
        return [host, device === undefined ? undefined : ground.linksOf(host).get(device)] as const
      }),
    ),
  )

/** Scenarios that would cut the engine's own way, or that nobody could do, are left out. */
export const withoutUnsafe = (
  drill: PairDrill,
  own: ReadonlyMap<string, string | undefined>,
  terms: DrillGround['terms'],
  isPersonThere: boolean,
): readonly Scenario[] =>
  drill.scenarios.map(scenario => {
    if (scenario.leftOut !== undefined) return scenario
    const reason =
      scenario.faults.map(fault => cutsOwnWay(fault, own)).find(Boolean) ??
      (scenario.faults.some(({by}) => by === 'hand') ? handLack(terms, isPersonThere) : undefined)
    return reason === undefined ? scenario : {...scenario, leftOut: reason}
  })

const cutsOwnWay = (fault: DrillFault, own: ReadonlyMap<string, string | undefined>): string | undefined => {
  const link = fault.by === 'hand' ? fault.link : fault.args['link']
  const host = [...own].find(([, theirs]) => theirs !== undefined && theirs === link)?.[0]
  return host === undefined ? undefined : `the engine reaches ${host} over the link ${String(link)}`
}
