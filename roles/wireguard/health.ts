import {$, type Answer, type Health, type HealthCheck, type OfferContext} from 'gatewright'
import {keptDirectory, settingsDirectory, unitFile} from './places.ts'
import type {WireguardVars} from './view.ts'

/** REJECT_AFTER_TIME of the protocol: a session whose handshake is older carries nothing. */
export const sessionSeconds = 180

/**
 * The watcher runs, and of the far ends that each device reaches for and has ever met, one at least answers. One that was never
 * heard may not be set up yet: that is no sickness of this host.
 */
export const health = ({vars}: OfferContext<WireguardVars>): readonly HealthCheck[] =>
  vars.devices.map(({name, follow, peers}) => ({
    name: `WireGuard ${name}`,
    command: $`
[ -e ${unitFile} ] && [ -e ${settingsDirectory}/${name} ] || { echo absent; exit 0; }
systemctl is-active gatewright-wireguard
date +%s
echo "$(sed -n 's/.*"state":"\\([A-Z]*\\)".*/\\1/p' /run/gatewright/vrrp/state 2>/dev/null)"
wg show ${name} public-key 2>/dev/null || echo gone
sed -n ${`s/^${name} /met\t/p`} ${keptDirectory}/met 2>/dev/null
wg show ${name} latest-handshakes 2>/dev/null || :`,
    parse: answer =>
      judge(answer, {
        follows: Boolean(follow),
        reached: peers
          .filter(({endpoint, keepalive}) => endpoint !== undefined && keepalive !== 0)
          .flatMap(({public_key, next_public_key}) => [public_key, ...(next_public_key ? [next_public_key] : [])]),
      }),
  }))

export const judge = (
  {stdout}: Pick<Answer, 'stdout'>,
  {follows, reached}: {readonly follows: boolean; readonly reached: readonly string[]},
): Health => {
  const [active = '', now = '', state = '', key = '', ...lines] = stdout.split('\n')
  if (active === 'absent') return {is: 'absent'}
  if (active !== 'active') return {is: 'sick', reason: `gatewright-wireguard is ${active || 'unknown'}`}
  if (follows && state !== 'MASTER')
    return key === 'gone' ? {is: 'healthy'} : {is: 'sick', reason: 'it is up, and this gateway is not master'}
  if (key === 'gone') return {is: 'sick', reason: 'the device is gone'}
  const fields = lines.map(line => line.split('\t'))
  const met = new Set(fields.flatMap(([word, peer]) => (word === 'met' && peer !== undefined ? [peer] : [])))
  const known = fields.filter(([peer = '']) => reached.includes(peer) && met.has(peer))
  const ages = known.flatMap(([, shook = '0']) => (shook === '0' ? [] : [Number(now) - Number(shook)]))
  if (known.length === 0 || ages.some(age => age <= sessionSeconds)) return {is: 'healthy'}
  return {
    is: 'sick',
    reason: ages.length === 0 ? 'no far end has answered yet' : `the last handshake is ${Math.min(...ages)} s old`,
  }
}
