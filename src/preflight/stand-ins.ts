import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {pairsOf} from './pairs.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Who stands in for a pair is none of it, and stands where that which takes the pair does not take it too. */
export const checkStandIns = (hosts: readonly PreflightHost[], findings: Findings): void => {
  const pairs = pairsOf(hosts)
  for (const {name, host, values} of hosts) {
    const {standsInFor, pair, site} = host
    if (standsInFor === undefined) continue
    const at = spotOf(values, 'stands_in_for')?.value
    const [member] = pairs.get(standsInFor) ?? []
    const say = (what: string, fix: string, other?: PreflightHost): void =>
      findings.add({
        rule: 'stand-in',
        what,
        fix,
        host: name,
        ...(at && {at}),
        ...alsoAt(other && spotOf(other.values, 'site')?.value, at),
      })
    if (!member || pair === standsInFor)
      say(
        pair === standsInFor ? `${name} is of the pair '${pair}' itself` : `there is no pair '${standsInFor}'`,
        (pair === standsInFor ? undefined : suggest(standsInFor, [...pairs.keys()])) ??
          'name a pair whose hosts are at another site',
      )
    else if (site === member.host.site)
      say(
        `${name} is at the site of the pair '${standsInFor}' that it stands in for (${site ?? 'none'})`,
        "give it a 'site' of its own: what takes a whole pair (fire, power, water) takes its neighbours too",
        member,
      )
  }
}
