import {overrideTask} from '../override.ts'

/** New flows of every policy take this uplink, as long as it is not down. */
const {task, plan} = overrideTask('prefer')
export default task
export {plan}
