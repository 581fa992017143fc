import {$, faultTask} from 'gatewright'
import {type BgpVars, sessionWith} from '../sessions.ts'

/**
 * A neighbor (`neighbor=192.0.2.1`) announces more routes than it may, as far as this gateway can tell: all that it announces are
 * counted, not only those that are accepted, and one is the limit (bgp(8), maximum-prefix ... force). A fault for drills. The
 * running configuration alone is changed. A neighbor that announces a single route exceeds nothing.
 */
const {task, plan, heal} = faultTask<BgpVars>('bgp-exceed', ({args, vars, host, peers}) => {
  const {address, family, maxPrefix, softInbound} = sessionWith(args['neighbor'], vars, host, peers)
  const limit = `neighbor ${address} maximum-prefix`
  const keepAll = `neighbor ${address} soft-reconfiguration inbound`
  const configure = (...lines: readonly string[]) =>
    ['configure terminal', `router bgp ${vars.asn}`, `address-family ipv${family} unicast`, ...lines].flatMap(line => [
      '-c',
      line,
    ])
  const tooLow = configure(keepAll, `${limit} 1 force`)
  const asWritten = configure(
    `no ${limit}`,
    `${limit} ${maxPrefix} 80 restart ${vars.max_prefix_restart}`,
    ...(softInbound ? [] : [`no ${keepAll}`]),
  )
  return {
    what: `${address} announces more routes than it may`,
    // The neighbor is asked for its routes again, which takes a moment; they are counted when they are looked at anew.
    inject: $`export VTYSH_HISTFILE=/dev/null
vtysh ${tooLow}
for i in 1 2 3; do sleep 1; vtysh -c ${`clear bgp ipv${family} ${address} soft in`}; done`,
    // A session that was not flooded is not to be cleared.
    heal: $`if vtysh -c 'show running-config' | grep -q ${`${limit} 1 force`}
then VTYSH_HISTFILE=/dev/null vtysh ${asWritten} -c end -c ${`clear bgp ipv${family} ${address}`}
fi`,
  }
})
export default task
export {heal, plan}
