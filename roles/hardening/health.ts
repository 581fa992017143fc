import {$, type HealthCheck, type OfferContext} from 'gatewright'
import type {HardeningVars} from './schema.ts'
import {sshdConfFile} from './templates/sshd-conf.ts'

const filterFile = '/etc/gatewright/nft/gatewright_filter.nft'

/** Each is absent where this role never was. */
export const health = ({vars}: OfferContext<HardeningVars>): readonly HealthCheck[] => [
  ...(vars.firewall ? [firewall] : []),
  ...(vars.sshd ? [sshd] : []),
  ...(vars.time && vars.ntp_servers.length + vars.ntp_pools.length > 0 ? [clock(vars.time_max_offset)] : []),
]

const firewall: HealthCheck = {
  name: 'firewall',
  command: $`[ -e ${filterFile} ] || { echo absent; exit 0; }; nft --stateless list table inet gatewright_filter`,
  parse({code, stdout, stderr}) {
    if (stdout === 'absent\n') return {is: 'absent'}
    if (code !== 0) return {is: 'sick', reason: `its table is not loaded: ${stderr.trim()}`}
    const dropping = stdout.match(/hook (input|forward) .*policy drop/g)?.length
    return dropping === 2 ? {is: 'healthy'} : {is: 'sick', reason: 'input or forward is not dropped by default'}
  },
}

const sshd: HealthCheck = {
  name: 'SSH server',
  command: $`[ -e ${sshdConfFile} ] || { echo absent; exit 0; }; sshd -t && systemctl is-active ssh`,
  parse({code, stdout, stderr}) {
    if (stdout === 'absent\n') return {is: 'absent'}
    return code === 0 ? {is: 'healthy'} : {is: 'sick', reason: (stderr || stdout).trim()}
  },
}

/** Fields of `chronyc -c tracking`: the fifth is the offset in seconds, the last the leap status. */
const clock = (limit: number): HealthCheck => ({
  name: 'clock',
  command: $`command -v chronyc >/dev/null && systemctl -q is-enabled chrony 2>/dev/null || { echo absent; exit 0; }; chronyc -c tracking`,
  parse({code, stdout, stderr}) {
    if (stdout === 'absent\n') return {is: 'absent'}
    if (code !== 0) return {is: 'sick', reason: (stderr || stdout).trim()}
    const fields = stdout.trim().split(',')
    const offset = Math.abs(Number(fields[4]))
    if (fields.at(-1) === 'Not synchronised') return {is: 'sick', reason: 'chrony follows no source'}
    return offset <= limit
      ? {is: 'healthy'}
      : {is: 'sick', reason: `it is wrong by ${offset} s, the limit is ${limit} s`}
  },
})
