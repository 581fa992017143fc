import {$, type Answer, type Health, type HealthCheck} from 'gatewright'
import {announceProgram} from './places.ts'
import {type BgpContext, sessionsOf} from './sessions.ts'

/**
 * One check per session that should be up. Not that to the other gateway: when it is down nobody can tell which of both is sick,
 * and while one is being set up the other must not look sick.
 */
export const health = ({vars, host}: BgpContext): readonly HealthCheck[] =>
  sessionsOf(vars, host, [])
    .filter(({shutdown}) => !shutdown)
    .map(({address, bfd}) => ({
      name: `BGP session with ${address}`,
      command: $`
[ -e ${announceProgram} ] || { echo absent; exit; }
VTYSH_HISTFILE=/dev/null vtysh -c ${`show bgp neighbors ${address} json`}`,
      parse: answer => healthOf(address, bfd !== undefined, answer),
    }))

type Told = {
  readonly bgpState?: string
  readonly addressFamilyInfo?: Readonly<
    Record<string, {inboundPathPolicyConfig?: boolean; outboundPathPolicyConfig?: boolean}>
  >
  readonly peerBfdInfo?: {readonly status?: string}
}

/** What bgpd's answer, as JSON, says of a session. */
export const healthOf = (address: string, hasBfd: boolean, {code, stdout, stderr}: Answer): Health => {
  if (stdout === 'absent\n') return {is: 'absent'}
  const told = code === 0 ? read(stdout)?.[address] : undefined
  if (!told) return {is: 'sick', reason: (stderr || stdout).trim().split('\n')[0] || 'bgpd gives no answer'}
  const policies = Object.values(told.addressFamilyInfo ?? {})
  if (told.bgpState !== 'Established') return {is: 'sick', reason: `it is ${told.bgpState ?? 'unknown'}`}
  if (
    policies.some(
      ({inboundPathPolicyConfig, outboundPathPolicyConfig}) => !inboundPathPolicyConfig || !outboundPathPolicyConfig,
    )
  )
    return {is: 'sick', reason: '(Policy): nothing is exchanged without a route map for each direction'}
  const status = told.peerBfdInfo?.status ?? 'not configured'
  if (hasBfd && status !== 'Up') return {is: 'sick', reason: `its BFD session is ${status}`}
  return {is: 'healthy'}
}

const read = (text: string): Readonly<Record<string, Told>> | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
