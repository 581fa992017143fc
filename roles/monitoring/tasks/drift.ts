import type {TaskContext, TaskFunction} from 'gatewright'
import {driftIn} from '../drift.ts'
import {driftFile, stateDirectory} from '../places.ts'

/** Notes on a host what `gatewright check --json` found there (`check`: what it printed): the alerts Drift and DriftUnknown go by it. */
const drift: TaskFunction = async context => {
  const {changes, at} = foundBy(context)
  const line = `${changes} ${at}`
  await context.$`mkdir -p ${stateDirectory} && echo ${line} >${driftFile}.new && mv ${driftFile}.new ${driftFile}`
  return {changed: true, message: saying(changes)}
}
export default drift

export const plan: TaskFunction = async context => ({
  changed: true,
  message: `would note: ${saying(foundBy(context).changes)}`,
})

const foundBy = ({args, host}: TaskContext) => {
  const {check} = args
  if (typeof check !== 'string') throw new Error('check: what gatewright check --json printed is needed')
  return driftIn(check, host.name)
}
const saying = (changes: number): string =>
  changes === 0 ? 'it is as the playbook says' : `${changes} changes wait for a play`
