import type {MwanView} from '../view.ts'

/** /etc/gatewright/mwan/tracker: settings, uplinks (device, mark of their flows, what becomes of these, probes in a row), paths and policies for mwan-tracker and mwan-decide.awk. */
export const trackerConf = ({uplinks, policies, marks, vars}: MwanView): string => {
  const settings = {
    follow: vars.follow,
    period_ms: Math.round(vars.probe_interval * 1000),
    timeout_ms: Math.round(vars.probe_timeout * 1000),
    interval: vars.probe_interval,
    timeout: vars.probe_timeout,
    required: vars.targets_required,
    down: vars.down_count,
    up: vars.up_count,
    window: vars.window,
    latency_down: vars.latency_down,
    latency_up: vars.latency_up,
    loss_down: vars.loss_down,
    loss_up: vars.loss_up,
    hold: vars.hold,
    flaps: vars.flaps,
    damp: vars.damp,
    failback: vars.failback,
    drain: vars.drain,
    better_ms: vars.better_ms,
    better_percent: vars.better_percent,
    better_time: vars.better_time,
    penalty: vars.vrrp_penalty,
    reconcile: 10,
  }
  return `# Written by gatewright; changes are overwritten.
${lines(
  Object.entries(settings)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `set ${name} ${value}`),
)}${lines(
  uplinks.map(({name, mark, device, isTunnel, onDown}) => {
    // Of a tunnel, and where flows can move, those that began outside too.
    const mask = isTunnel || onDown === 'move' ? marks.uplinkMask : marks.mask
    const seconds = isTunnel ? 5 : 30
    return `uplink ${name} ${device} ${mark}/${mask} ${onDown} ${Math.max(3, Math.ceil(seconds / vars.probe_interval))}`
  }),
)}${lines(
  uplinks.flatMap(({name, paths}) => paths.map(({family, targets}) => `path ${name} ${family} ${targets.join(' ')}`)),
)}${lines(
  policies.map(
    ({name, offset, lastResort, isConfined, choose, members}) =>
      `policy ${name} ${offset} ${isConfined ? 'confined_' : ''}${lastResort} ${choose} ${members.map(({uplink, metric, weight}) => `${uplink}:${metric}:${weight}`).join(' ')}`,
  ),
)}`
}

const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('')
