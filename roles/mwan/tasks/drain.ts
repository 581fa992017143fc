import {overrideTask} from '../override.ts'

/** No new flows take this uplink while another is usable; its own end by themselves. */
const {task, plan} = overrideTask('drain')
export default task
export {plan}
