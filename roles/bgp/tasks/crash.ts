import {$, faultTask} from 'gatewright'

const daemons = ['bgpd', 'zebra', 'bfdd']

/** A daemon of FRR (`daemon=bgpd`, `zebra` or `bfdd`) dies, and watchfrr starts it again. A fault for drills. */
const {task, plan, heal} = faultTask('bgp-crash', ({args}) => {
  const daemon = daemons.find(name => name === args['daemon'])
  if (daemon === undefined)
    throw new Error(`daemon=${JSON.stringify(args['daemon'] ?? '')}: one of ${daemons.join(', ')} is needed`)
  return {
    what: `${daemon} dies (SIGKILL)`,
    inject: $`kill -KILL $(cat ${`/run/frr/${daemon}.pid`})`,
    heal: $`systemctl start frr`,
  }
})
export default task
export {heal, plan}
