import type {TaskContext, TaskFunction} from 'gatewright'
import {type BgpVars, sessionWith} from '../sessions.ts'

type Context = TaskContext<BgpVars>
const timer = 'gatewright-bgp-silence'

/**
 * Shuts the session with `neighbor` down for `seconds`, for a drill. The host itself ends it, and the gate behind the task waits
 * for that: longer than a gateway may take to settle would be a failure.
 */
const silence: TaskFunction<BgpVars> = async context => {
  const {$, vars} = context
  const {address, seconds} = wanted(context)
  const configure = (command: string): string =>
    `VTYSH_HISTFILE=/dev/null vtysh -c 'configure terminal' -c 'router bgp ${vars.asn}' -c '${command}'`
  await $`systemctl stop ${timer}.timer`.nothrow()
  await $`systemd-run --quiet --collect --unit=${timer} --on-active=${seconds} --timer-property=AccuracySec=100ms /bin/sh -c ${configure(`no neighbor ${address} shutdown`)}`
  await $`/bin/sh -c ${configure(`neighbor ${address} shutdown message drill`)}`
  return {changed: true, message: `the session with ${address} is down for ${seconds} s`}
}
export default silence

/** Check mode: what would be done. */
export const plan: TaskFunction<BgpVars> = async context => {
  const {address, seconds} = wanted(context)
  return {changed: true, message: `the session with ${address} would be down for ${seconds} s`}
}

const wanted = ({vars, host, peers, args}: Context): {readonly address: string; readonly seconds: number} => {
  const {address} = sessionWith(args.neighbor, vars, host, peers)
  const seconds = Number(args.seconds ?? 20)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600)
    throw new Error(`seconds=${JSON.stringify(args.seconds)}: a whole number from 1 to 3600 is needed`)
  return {address, seconds}
}
