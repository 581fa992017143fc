import {$, faultTask} from 'gatewright'

/** Busy processes for each processor: with three the daemons get a quarter of their time, unless they are realtime. */
const perProcessor = 3
const unit = 'gatewright-drill-load'

/** Every processor has more to do than it can. Nobody should take over: keepalived is realtime. A fault for drills. */
const {task, plan, heal} = faultTask('vrrp-overload', () => ({
  what: `${perProcessor} busy processes for each processor`,
  inject: $`systemd-run --quiet --collect --unit=${unit} /bin/sh -c ${`for i in $(seq $(($(nproc) * ${perProcessor}))); do while :; do :; done & done; wait`}`,
  heal: $`systemctl kill --signal=KILL ${unit} 2>/dev/null; systemctl stop ${unit} 2>/dev/null || :`,
}))
export default task
export {heal, plan}
