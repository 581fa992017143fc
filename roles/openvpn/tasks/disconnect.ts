import type {TaskContext, TaskFunction, TaskResult} from 'gatewright'
import {library} from '../places.ts'
import {type Session, statusOf} from '../status.ts'
import type {OpenvpnVars} from '../vars.ts'

/** Ends the sessions of `client` (a common name). It may connect again, unless its certificate is revoked. */
const disconnect: TaskFunction<OpenvpnVars> = async context => {
  const found = await sessionsOf(context)
  for (const {server, session} of found) {
    await context.$`${library}/openvpn-end ${server} ${session.address}`
    context.log(`${server}: ended ${session.name} ${session.address} from ${session.source}`)
  }
  return told(context, found.length, 'ended')
}
export default disconnect

/** Check mode: whose sessions would end. */
export const plan: TaskFunction<OpenvpnVars> = async context =>
  told(context, (await sessionsOf(context)).length, 'would end')

const nameOf = ({args}: TaskContext): string => {
  const {client} = args
  if (typeof client !== 'string' || client === '')
    throw new Error('say whose sessions end: -e client=NAME, as gatewright task ... openvpn.status shows it')
  return client
}

const sessionsOf = async (
  context: TaskContext<OpenvpnVars>,
): Promise<readonly {readonly server: string; readonly session: Session}[]> => {
  const client = nameOf(context)
  const all = await statusOf(context.$, context.vars)
  return all.flatMap(one =>
    one.side === 'server'
      ? (one.sessions ?? []).filter(({name}) => name === client).map(session => ({server: one.name, session}))
      : [],
  )
}

const told = (context: TaskContext, count: number, verb: string): TaskResult => ({
  changed: count > 0,
  message:
    count === 0 ? `${nameOf(context)} is not connected here` : `${verb} ${count} session(s) of ${nameOf(context)}`,
})
