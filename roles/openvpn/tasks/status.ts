import type {TaskFunction} from 'gatewright'
import {type ClientStatus, filesOf, type ServerStatus, statusOf} from '../status.ts'
import type {OpenvpnVars} from '../vars.ts'

/** Who is connected to the servers, and to what the clients are connected: since when, with how many bytes. */
const status: TaskFunction<OpenvpnVars> = async context => {
  const found = await statusOf(context.$, context.vars)
  for (const each of found) for (const line of linesOf(each)) context.log(line)
  for (const {path, until, daysLeft} of await filesOf(context.$))
    context.log(`${path} lasts until ${day(until)}, ${daysLeft} days`)
  return {changed: false, message: found.map(summaryOf).join(', ') || 'no instances'}
}
export default status

/** Nothing is changed, so check mode can do the same. */
export const plan = status

const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000', '')
const day = (date: Date): string => date.toISOString().slice(0, 10)
const traffic = ({received, sent}: {received: number; sent: number}): string =>
  `${received} bytes received, ${sent} sent`

const linesOf = (one: ServerStatus | ClientStatus): readonly string[] => {
  const title = `${one.side} ${one.name}`
  const until = one.certificateUntil
  const certificate = until === undefined ? [] : [`${title}: runs with a certificate that ends on ${day(until)}`]
  if (one.side === 'client')
    return [
      one.state === undefined
        ? `${title}: not running`
        : `${title}: ${one.state} since ${time(one.since)}, ${one.address || 'no address'}, to ${one.remote || 'nobody'}, ${traffic(one)}`,
      ...certificate,
    ]
  if (one.sessions === undefined) return [`${title}: not running`]
  return [
    ...one.sessions.map(
      session =>
        `${title}: ${session.name} ${session.address} from ${session.source} since ${time(session.since)}, ${traffic(session)}`,
    ),
    ...certificate,
  ]
}

const summaryOf = (one: ServerStatus | ClientStatus): string =>
  one.side === 'client'
    ? `${one.name} ${one.state ?? 'not running'}`
    : `${one.name} ${one.sessions === undefined ? 'not running' : `${one.sessions.length} connected`}`
