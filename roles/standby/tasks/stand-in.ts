import {$, faultTask} from 'gatewright'
import {program} from '../places.ts'

/** The host takes the place of its pair for a while: the part of a drill in which the pair is gone. It is cold again after a reboot. */
const {task, plan, heal} = faultTask('standby-stand-in', ({host}) => ({
  what: `${host.name} stands in for ${host.standsInFor}`,
  inject: $`${program} activate drill`,
  heal: $`${program} deactivate drill confirmed`,
}))
export default task
export {heal, plan}
