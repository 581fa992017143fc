import {dropsOf, type Wrong} from 'gatewright'
import {again, type Context, cabled, type Step} from './seen.ts'

const flows = ['single-arm'] as const
/** The tracker writes each second; older than this it stands still. */
const freshS = 10
/** So many connections without a single reply are no chance. */
const telling = 20

export const uplinkSteps: readonly Step[] = [
  {
    id: 'mwan-link',
    flows,
    stage: 'link',
    asks: 'are the uplinks up',
    look(context) {
      const {host, facts} = context
      const uplinks = cabled(context)
      return {
        saw: uplinks.map(({device}) => `${device} ${counters(context, device)}`).join('; '),
        wrong: uplinks.flatMap(({name, device}): Wrong[] => {
          const is = facts.links[device]
          if (is?.up && is.carrier) return []
          const saw = is === undefined ? `there is no ${device}` : `${device} ${is.up ? 'has no carrier' : 'is down'}`
          return [
            {
              saw,
              means: `the uplink ${name} carries nothing, all flows take the others`,
              repair: is?.up
                ? `plug in the cable of ${device} on ${host.name}, then gatewright diagnose single-arm`
                : `gatewright exec ${host.name} --become -- ip link set ${device} up`,
            },
          ]
        }),
      }
    },
  },
  {
    id: 'mwan-tracker',
    flows,
    stage: 'service',
    asks: 'does the tracker of uplinks run',
    unless: ['mwan-settings'],
    look({host, facts: {steering}}) {
      const {active, age, status} = steering
      const isWell = active === 'active' && status !== undefined && age <= freshS
      return {
        saw: `active, its state is ${age} s old`,
        wrong: isWell
          ? []
          : [
              {
                saw: `gatewright-mwan is ${active}${status === undefined ? ', it has written no state' : `, its state is ${age} s old`}`,
                means: 'nobody decides about uplinks: what is chosen now stays, whatever becomes of it',
                repair: again(host.name),
              },
            ],
      }
    },
  },
  {
    id: 'mwan-override',
    flows,
    stage: 'order',
    asks: 'has somebody taken an uplink out of use',
    look({host, facts: {steering}}) {
      const override = steering.status?.override
      return {
        saw: 'no override',
        wrong: override
          ? [
              {
                saw: `override: ${override}`,
                means: 'new flows take the other uplinks until that is ended',
                repair: `gatewright task ${host.name} mwan.release --become`,
              },
            ]
          : [],
      }
    },
  },
  {
    id: 'mwan-filter',
    flows,
    stage: 'filter',
    asks: 'does the packet filter let the uplinks pass',
    look(context) {
      const {host, facts} = context
      if (facts.packetFilter === undefined) return undefined
      const drops = dropsOf(facts.packetFilter, {devices: cabled(context).map(({device}) => device)})
      const inNetdev = facts.packetFilter
        .filter(({family, table}) => family === 'netdev' && table !== 'gatewright_mwan')
        .flatMap(({table, name, rules, device}) =>
          cabled(context).some(each => each.device === device)
            ? rules.filter(rule => /\bdrop\b/.test(rule)).map(rule => `netdev ${table} ${name} (${device}): ${rule}`)
            : [],
        )
      return {
        saw: 'no rule drops what an uplink carries',
        wrong: [...drops, ...inNetdev].slice(0, 1).map(rule => ({
          saw: rule,
          means: 'this uplink is cut by a rule on the gateway itself',
          repair: `gatewright exec ${host.name} --become -- nft delete table netdev ${rule.split(' ')[1]}`,
        })),
      }
    },
  },
  {
    id: 'mwan-gateway',
    flows,
    stage: 'neighbour',
    asks: 'do the routers of the uplinks answer',
    unless: ['mwan-link', 'mwan-filter'],
    look(context) {
      const {facts} = context
      const silent = cabled(context).flatMap(({name, device, paths}) =>
        paths
          .filter(({gateway}) =>
            facts.gateways.some(seen => seen.is === 'silent' && seen.device === device && seen.address === gateway),
          )
          .map(({gateway}) => ({name, device, gateway})),
      )
      return {
        saw: facts.gateways.map(({address, is}) => `${address} ${is}`).join(', '),
        wrong: silent.map(({name, device, gateway}) => ({
          saw: `nobody answers for ${gateway} on ${device}`,
          means: `the router of ${name} is off, or not in this segment`,
          repair: `ask the provider of ${name} for ${gateway}, or look at the VLAN of ${device}, then gatewright diagnose single-arm`,
        })),
      }
    },
  },
  {
    id: 'mwan-targets',
    flows,
    stage: 'far end',
    asks: 'do hosts beyond the uplinks answer',
    unless: ['mwan-link', 'mwan-tracker', 'mwan-gateway', 'mwan-filter', 'mwan-rp-filter', 'mwan-rules', 'mwan-routes'],
    look(context) {
      const names = new Set(cabled(context).map(({name}) => name))
      const uplinks = (context.facts.steering.status?.uplinks ?? []).filter(({name}) => names.has(name))
      const lost = uplinks.filter(({state}) => state !== 'up')
      return {
        saw: uplinks
          .filter(({family}) => family === 4)
          .map(({name, targets_up, targets}) => `${name} ${targets_up} of ${targets}`)
          .join(', '),
        wrong: lost.map(({name, family, state, targets_up, targets, loss_percent, latency_p95_ms}) => ({
          saw: `${name} IPv${family} is ${state}: ${targets_up} of ${targets} targets answer, ${loss_percent ?? '-'} % lost, ${latency_p95_ms ?? '-'} ms`,
          means: 'the router answers and what is beyond it does not: the provider, not the gateway',
          repair: `call the provider of ${name}; gatewright task ${context.host.name} mwan.status --become shows when it is back`,
        })),
      }
    },
  },
  {
    id: 'mwan-flows',
    flows,
    stage: 'agreement',
    asks: 'do connections over each uplink get replies',
    unless: ['mwan-link', 'mwan-gateway', 'mwan-targets', 'mwan-filter', 'mwan-rp-filter', 'mwan-rules', 'mwan-routes'],
    look(context) {
      const rows = cabled(context).map(uplink => {
        const mine = context.facts.steering.connections.filter(({mark}) => isOf(mark, uplink, context))
        const sum = (key: 'all' | 'unreplied') => mine.reduce((total, each) => total + each[key], 0)
        return {name: uplink.name, all: sum('all'), unreplied: sum('unreplied')}
      })
      return {
        saw: rows.map(({name, all, unreplied}) => `${name} ${all} connections, ${unreplied} without reply`).join('; '),
        wrong: rows
          .filter(({all, unreplied}) => all >= telling && all === unreplied)
          .map(({name, all}) => ({
            saw: `none of ${all} connections over ${name} has got a reply`,
            means: 'packets leave with an address to which nothing comes back: translation, or the provider filters',
            repair: `gatewright exec ${context.host.name} --become -- nft list table inet gatewright_nat`,
          })),
      }
    },
  },
]

const isOf = (mark: number, {mark: own}: {readonly mark: number}, {vars}: Context): boolean => {
  const unit = vars.mark_mask & -vars.mark_mask
  return (mark & (unit * 31)) === own
}

const counters = ({facts}: Context, device: string): string => {
  const {received = 0, sent = 0} = facts.steering.packets[device] ?? {}
  return `${received} in, ${sent} out`
}
