import type {LiveProblem} from 'gatewright'
import {type Context, isFirst, type Version} from './found.ts'

/**
 * Releases and versions of the two. They differ for a while whenever a pair is upgraded, one gateway after the other, so that this
 * is said and refuses nothing; what is no release of the other, or another major version, was never meant to work together.
 */
export const versionProblems = (context: Context): LiveProblem[] => [...releases(context), ...daemons(context)]

const releases = (context: Context): LiveProblem[] =>
  context.peers
    .filter(peer => isFirst(context, peer))
    .flatMap((peer): LiveProblem[] => {
      const [here, there] = [context.facts.os, peer.facts.os]
      if (here.id === there.id && here.version === there.version) return []
      return [
        {
          rule: 'vrrp-release',
          variable: 'router_id',
          what: `${here.id} ${here.version} here and ${there.id} ${there.version} on ${peer.name}: a pair runs one release`,
          fix:
            here.id === there.id
              ? 'upgrade the older one while the other one is healthy'
              : 'install the same system on both',
          also: {host: peer.name},
          ...(here.id === there.id && {isAdvice: true}),
        },
      ]
    })

const daemons = (context: Context): LiveProblem[] =>
  context.peers
    .filter(peer => isFirst(context, peer))
    .flatMap(peer =>
      (['keepalived', 'conntrackd'] as const).flatMap((name): LiveProblem[] => {
        const [here, there] = [context.facts, peer.facts].map(each => versionOf(each[name]))
        if (here === undefined || there === undefined || here === there) return []
        if (name === 'conntrackd' && !context.vars.conntrack) return []
        return [
          {
            rule: 'vrrp-versions',
            variable: 'router_id',
            what: `${name} ${here} here and ${there} on ${peer.name}: a pair runs one version`,
            fix: `upgrade ${name} on the older one while the other one is healthy`,
            also: {host: peer.name},
            ...(majorOf(here) === majorOf(there) && {isAdvice: true}),
          },
        ]
      }),
    )

const versionOf = ({installed, candidate}: Version): string | undefined => installed ?? candidate

/** `2` of `1:2.2.7-1`: an epoch is Debian's own (deb-version(7)). */
const majorOf = (version: string): string => version.replace(/^\d+:/, '').split(/[.+~-]/)[0] ?? ''
