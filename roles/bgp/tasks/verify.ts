import type {TaskFunction} from 'gatewright'
import {healthOf} from '../health.ts'
import {type BgpVars, sessionsOf} from '../sessions.ts'

type Told = {
  readonly bgpState?: string
  readonly peerBfdInfo?: {readonly status?: string}
  readonly addressFamilyInfo?: Readonly<Record<string, {acceptedPrefixCounter?: number; sentPrefixCounter?: number}>>
}

/** Fails unless every session is up with its BFD session, has a policy for both directions and, from a provider, brings routes. */
const verify: TaskFunction<BgpVars> = async context => {
  const {$, vars, host, peers} = context
  const found: string[] = []
  const sessions = sessionsOf(vars, host, peers).filter(({shutdown}) => !shutdown)
  for (const {address, description, isInternal, bfd} of sessions) {
    const {stdout, stderr, exitCode} =
      await $`VTYSH_HISTFILE=/dev/null vtysh -c ${`show bgp neighbors ${address} json`}`.nothrow()
    const {is, reason} = healthOf(address, bfd !== undefined, {code: exitCode ?? 1, stdout, stderr})
    if (is !== 'healthy') {
      found.push(`${address} (${description}): ${reason ?? is}`)
      continue
    }
    const told: Told = JSON.parse(stdout)[address]
    const count = (key: 'acceptedPrefixCounter' | 'sentPrefixCounter'): number =>
      Object.values(told.addressFamilyInfo ?? {}).reduce((sum, family) => sum + (family[key] ?? 0), 0)
    const [accepted, sent] = [count('acceptedPrefixCounter'), count('sentPrefixCounter')]
    context.log(
      `${address} (${description}): ${accepted} accepted, ${sent} sent, BFD ${told.peerBfdInfo?.status ?? 'not configured'}`,
    )
    if (!isInternal && accepted === 0) found.push(`${address} (${description}): it has sent nothing that is accepted`)
  }
  for (const family of new Set(sessions.filter(({accept}) => accept === 'default').map(each => each.family))) {
    const routes = (await $`ip -${family} route show default`).stdout.trim().split('\n')
    // zebra prefers what others put into the kernel to everything that it has learned.
    const foreign = routes.filter(route => route.startsWith('default') && !route.includes(' proto bgp'))
    found.push(...foreign.map(route => `"${route.trim()}" hides the default routes of all neighbors`))
  }
  if (found.length > 0) throw new Error(found.join('; '))
  return {changed: false, message: `${sessions.length} sessions are as they should be`}
}
export default verify

/** Nothing is changed, so check mode can do the same. */
export const plan = verify
