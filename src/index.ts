/** All that authors of roles and tasks may import, as 'gatewright'. */
export {$, Command, raw} from './shell/command.ts'
export {Secret} from './shell/secret.ts'
export {defineRole, flow, handler, sysctlOffer} from './role.ts'
export type {Host, Link, Offer, Peer, RoleProblem, TaskContext, TaskFunction, TaskResult} from './role.ts'
export {resourceOf, unsupported, Unreadable} from './resources/resource.ts'
export type {Answer, Change, Handler, Kind, Probe, Resource, Step} from './resources/resource.ts'
export type {Fact} from './facts/fact.ts'
