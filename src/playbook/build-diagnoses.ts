import {type DiagnosisFlow, flows} from '../diagnose/model.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {DiagnosisCall} from './model.ts'
import type {PlayContext} from './play-context.ts'
import {refuseSections} from './refuse-sections.ts'
import {staticValue} from './static-values.ts'

/** The diagnoses of a play: one for each pair among its hosts, and for each host without one. */
export const buildDiagnoses = (play: PlayContext, chosen: readonly string[]): readonly DiagnosisCall[] => {
  const {findings, play: written, fleet, flow} = play
  const at = spotOf(written.raw, 'diagnose')?.value ?? written.at
  refuseSections('diagnose', 'it looks and changes nothing', play)
  const value = staticValue(written.raw['diagnose'], at, written.statics, findings)
  const given = Array.isArray(value) ? value.map(String) : []
  const known = given.filter((each): each is DiagnosisFlow => (flows as readonly string[]).includes(each))
  const wanted = known.filter(each => flow === undefined || each === flow)
  if (flow !== undefined && wanted.length === 0)
    findings.add({
      rule: 'unknown-flow',
      what: `the playbook does not diagnose '${flow}'`,
      fix: suggest(flow, known) ?? `it does ${known.join(', ')}`,
      at,
    })
  const pairs = Map.groupBy(chosen, name => fleet.get(name)?.host.pair ?? name)
  return [...pairs].map(([pair, hosts]) => ({pair, hosts, flows: wanted}))
}
