import type {TaskFunction} from 'gatewright'
import type {HardeningVars} from '../schema.ts'
import {type DeclaredFlow, undeclared} from '../view/listening.ts'

/** Fails when a program listens where no declared flow leads, or when the firewall is not the one that was written. */
const verify: TaskFunction<HardeningVars> = async ({$, vars, ...context}) => {
  const flows = JSON.parse((await $`cat /etc/gatewright/hardening/flows.json`).stdout) as DeclaredFlow[]
  const sockets = (await $`ss -Hlntup`).stdout
  const range = (await $`cat /proc/sys/net/ipv4/ip_local_port_range`).stdout.trim().split(/\s+/).map(Number)
  const found = undeclared(sockets, flows, range)
  for (const {socket, process} of found) context.log(`${socket} ${process}: no declared flow`)
  if (vars.firewall) await $`nft --stateless list table inet gatewright_filter >/dev/null`
  if (vars.sshd) await $`sshd -t`
  if (vars.accounts) await $`visudo -c -q`
  if (found.length > 0)
    throw new Error(
      `${found.map(({socket}) => socket).join(', ')}: something listens there that nobody declared; the firewall keeps it closed, but it should be stopped, bound to another address, or named in hardening_allow`,
    )
  return {changed: false, message: `${flows.length} flows declared, nothing else listens`}
}
export default verify

/** Nothing is changed, so check mode can do the same. */
export const plan = verify
