import {type Host, type Monitored, monitored} from 'gatewright'
import {type MwanVars, uplinksOf} from './view.ts'

/** The tracker writes metrics each second. Old ones are no news: then this fails. */
const program = `file=/run/gatewright/mwan/metrics.prom
[ -n "$(find $file -newermt '-10 seconds')" ] && cat $file
`

/** What monitoring watches: each uplink, with the device that its traffic takes and the rate that was bought. */
export const watched = (vars: MwanVars, host: Host): Monitored[] =>
  uplinksOf(vars, host).map(({name, device, isTunnel}) => {
    const rate = isTunnel ? undefined : host.links[vars.uplinks[name]?.link ?? name]?.rate
    return monitored({
      what: 'uplink',
      name,
      device,
      ...(rate !== undefined && {rate}),
      metrics: {name: 'mwan', program},
    })
  })
