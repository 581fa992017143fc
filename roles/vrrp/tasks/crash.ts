import {$, faultTask} from 'gatewright'

const daemons = ['keepalived', 'conntrackd']

/** A daemon (`daemon=keepalived` or `conntrackd`) dies with all its processes, and systemd starts it again. A fault for drills. */
const {task, plan, heal} = faultTask('vrrp-crash', ({args}) => {
  const daemon = daemons.find(name => name === args['daemon'])
  if (daemon === undefined)
    throw new Error(`daemon=${JSON.stringify(args['daemon'] ?? '')}: one of ${daemons.join(', ')} is needed`)
  return {
    what: `${daemon} dies (SIGKILL)`,
    inject: $`systemctl kill --signal=KILL ${daemon}`,
    heal: $`systemctl start ${daemon}`,
  }
})
export default task
export {heal, plan}
