import type {TaskContext, TaskFunction} from 'gatewright'
import {announceProgram, drainFile} from '../places.ts'
import type {BgpVars} from '../sessions.ts'

type Context = TaskContext<BgpVars>

/**
 * Announces with GRACEFUL_SHUTDOWN (RFC 8326), so that neighbors send their packets elsewhere before anything is stopped;
 * `off=true` ends it. The rank goes through the marker routes: FRR's configuration stays as it was written.
 */
const drain: TaskFunction<BgpVars> = async context => {
  const {$} = context
  const wanted = wants(context)
  if ((await isDrained(context)) === wanted) return {changed: false, message: sentence(wanted, 'already')}
  await (wanted ? $`mkdir -p ${drainFile.replace(/\/[^/]*$/, '')} && touch ${drainFile}` : $`rm -f ${drainFile}`)
  await $`${announceProgram}`
  return {changed: true, message: sentence(wanted, 'now')}
}
export default drain

/** Check mode: whether anything would change. */
export const plan: TaskFunction<BgpVars> = async context => {
  const wanted = wants(context)
  const changed = (await isDrained(context)) !== wanted
  return {
    changed,
    message: changed ? `would be ${wanted ? 'drained' : 'announced as before'}` : sentence(wanted, 'already'),
  }
}

const wants = ({args}: Context): boolean => args.off !== true && args.off !== 'true' && args.off !== 'yes'
const isDrained = async ({$}: Context): Promise<boolean> => (await $`test -e ${drainFile}`.nothrow()).exitCode === 0
const sentence = (wanted: boolean, when: string): string =>
  wanted ? `${when} drained; new connections leave it when the virtual address does` : `${when} announced as VRRP says`
