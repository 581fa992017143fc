import {type Host, type Monitored, monitored} from 'gatewright'
import {type MwanVars, uplinksOf} from './view.ts'

/** The tracker writes metrics each second; who stopped it wants no news of then. */
const program = `find /run/gatewright/mwan/metrics.prom -newermt '-10 seconds' -exec cat {} +
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
