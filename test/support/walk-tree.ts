import {judge} from '../../src/diagnose/judge.ts'
import type {Diagnosis, DiagnosisFlow, Verdict} from '../../src/diagnose/model.ts'
import type {Offer} from '../../src/offer.ts'
import type {Peer} from '../../src/role.ts'

export type Observed = Peer<any> & {readonly facts: any; readonly offers?: readonly Offer[]}

/** A flow of one role over what was observed on the hosts of a pair; `all`: also on those that were not asked. */
export const walkTree = (
  {steps}: Diagnosis,
  flow: DiagnosisFlow,
  members: readonly Observed[],
  all: readonly Peer<any>[] = members,
): Verdict =>
  judge(
    flow,
    members.flatMap(({facts, offers = [], ...host}) =>
      steps.map(({id, flows, stage, asks, unless, look}) => ({
        id,
        flows,
        stage,
        asks,
        ...(unless && {unless}),
        host: host.name,
        look: () =>
          look({
            vars: host.vars,
            host,
            facts,
            offers,
            peers: members.filter(({name}) => name !== host.name),
            members: all.filter(({name}) => name !== host.name),
          }),
      })),
    ),
  )

/** The causes as a person reads them, the most likely one first. */
export const causesIn = ({causes}: Verdict): string[] =>
  causes.map(({host, id, saw, means, repair}) => `${host} ${id}: ${saw}. ${means}. ${repair}`)
