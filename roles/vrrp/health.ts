import {$, type HealthCheck, type OfferContext} from 'gatewright'
import {beatSeconds} from './templates/follow-script.ts'
import {tmpfilesPath} from './templates/tmpfiles-conf.ts'
import {conntrackTrack, maintenanceFile, stateFile, trackDirectory, type VrrpVars} from './view.ts'

type State = {readonly state: string; readonly beat: number}

/** The file that the role writes and no package has: without it the role was never applied. */
const unlessApplied = $`[ -e ${tmpfilesPath} ] || { echo absent; exit 0; }`

const keepalived: HealthCheck = {
  name: 'keepalived',
  command: $`${unlessApplied}
systemctl is-active keepalived
date +%s
cat ${stateFile} 2>/dev/null || echo none
for f in ${maintenanceFile} ${trackDirectory}/*; do [ "$(cat "$f" 2>/dev/null || echo 0)" = 0 ] || printf '%s ' "$f"; done`,
  parse({stdout}) {
    const [active = '', now = '', text = 'none', tracks = ''] = stdout.split('\n')
    if (active === 'absent') return {is: 'absent'}
    if (active !== 'active') return {is: 'sick', reason: `it is ${active || 'unknown'}`}
    if (text === 'none') return {is: 'sick', reason: 'its state is not known yet'}
    const {state, beat}: State = JSON.parse(text)
    if (Number(now) - beat > 3 * beatSeconds)
      return {
        is: 'sick',
        reason: `its state is ${Number(now) - beat} s old: gatewright-vrrp.service does not follow it`,
      }
    if (state === 'MASTER' || state === 'BACKUP') return {is: 'healthy', holds: state === 'MASTER'}
    return {is: 'sick', reason: `state ${state}${tracks === '' ? '' : `, because of ${tracks.trim()}`}`}
  },
}

const conntrackd: HealthCheck = {
  name: 'conntrackd',
  command: $`${unlessApplied}
systemctl is-active conntrackd
conntrackd -s >/dev/null 2>&1 && echo answers || echo silent
cat ${conntrackTrack} 2>/dev/null || echo 1`,
  parse({stdout}) {
    const [active = '', answers, track] = stdout.split('\n')
    if (active === 'absent') return {is: 'absent'}
    if (active !== 'active') return {is: 'sick', reason: `it is ${active || 'unknown'}`}
    if (answers !== 'answers') return {is: 'sick', reason: 'it does not answer'}
    return track === '0' ? {is: 'healthy'} : {is: 'sick', reason: 'it does not have the connections of the peer yet'}
  },
}

export const health = ({vars}: OfferContext<VrrpVars>): readonly HealthCheck[] =>
  vars.conntrack ? [keepalived, conntrackd] : [keepalived]
