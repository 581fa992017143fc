import {routesConf} from '../templates/routes-conf.ts'
import {mwanView} from '../view.ts'
import {again, cabled, replay, type Step} from './seen.ts'

const flows = ['single-arm'] as const
/** rp_filter of ip-sysctl: 1 drops what would not leave where it came in. */
const strict = 1

export const kernelSteps: readonly Step[] = [
  {
    id: 'mwan-forwarding',
    flows,
    stage: 'kernel',
    asks: 'does the kernel forward',
    look: ({host, facts: {steering}}) => ({
      saw: 'net.ipv4.ip_forward is 1',
      wrong:
        steering.kernel['ip_forward'] === 1
          ? []
          : [
              {
                saw: 'net.ipv4.ip_forward is 0',
                means: 'this host is no gateway: it drops what is not for itself',
                repair: replay(host.name),
              },
            ],
    }),
  },
  {
    id: 'mwan-rp-filter',
    flows,
    stage: 'kernel',
    asks: 'may replies come in by another uplink than main would take',
    look(context) {
      const {kernel} = context.facts.steering
      const all = kernel['conf.all.rp_filter'] ?? 0
      const found = cabled(context).filter(
        ({device}) => Math.max(all, kernel[`conf.${device}.rp_filter`] ?? 0) === strict,
      )
      return {
        saw: `rp_filter: all ${all}, ${cabled(context)
          .map(({device}) => `${device} ${kernel[`conf.${device}.rp_filter`] ?? 'unknown'}`)
          .join(', ')}`,
        wrong: found.map(({device}) => ({
          saw: `rp_filter of ${device} is strict (all ${all}, ${device} ${kernel[`conf.${device}.rp_filter`]})`,
          means: 'replies that come in by an uplink which the main table would not take are dropped (RFC 3704)',
          repair: replay(context.host.name),
        })),
      }
    },
  },
  {
    id: 'mwan-settings',
    flows,
    stage: 'settings',
    asks: 'are rules and tables set up as the playbook says',
    look({vars, host, facts, offers}) {
      const wanted = routesConf(mwanView(vars, facts, host, offers))
      const isSame = facts.conf === wanted
      return {
        saw: 'as the playbook says',
        wrong: isSame
          ? []
          : [
              {
                saw: `/etc/gatewright/mwan/routes is ${facts.conf === undefined ? 'missing' : 'not what the playbook says'}`,
                means: 'marks lead to other uplinks than the variables say',
                repair: replay(host.name),
              },
            ],
      }
    },
  },
  {
    id: 'mwan-marks',
    flows,
    stage: 'filter',
    asks: 'are flows marked with an uplink',
    look({host, facts}) {
      const chains = facts.packetFilter
      if (chains === undefined) return undefined
      const own = chains.filter(({table, rules}) => table === 'gatewright_mwan' && rules.length > 0)
      return {
        saw: `the table inet gatewright_mwan, ${own.length} chains`,
        wrong:
          own.length > 0
            ? []
            : [
                {
                  saw: 'the table inet gatewright_mwan is missing or empty',
                  means: 'no flow is marked, so that all take the way of the main table',
                  repair: replay(host.name),
                },
              ],
      }
    },
  },
  {
    id: 'mwan-rules',
    flows,
    stage: 'routes',
    asks: 'is there a rule for each mark',
    unless: ['mwan-settings'],
    look({host, facts}) {
      const wanted = [...(facts.conf ?? '').matchAll(/^rule ([46]) (\d+) (.*)$/gm)]
      const missing = wanted.filter(
        ([, family, priority]) => !facts.steering.rules[family === '4' ? 4 : 6].includes(Number(priority)),
      )
      return {
        saw: `${wanted.length} rules`,
        wrong: missing.slice(0, 1).map(([, family, priority, rule]) => ({
          saw: `the rule ${priority} of IPv${family} is missing (${rule})${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}`,
          means: 'flows with that mark are not led to their uplink',
          repair: again(host.name),
        })),
      }
    },
  },
  {
    id: 'mwan-routes',
    flows,
    stage: 'routes',
    asks: 'has the table of each uplink its default route',
    unless: ['mwan-settings', 'mwan-link'],
    look(context) {
      const uplinks = cabled(context)
      const missing = uplinks.flatMap(({name, table, paths}) =>
        paths
          .filter(
            ({family}) =>
              !context.facts.routes.some(
                route =>
                  route.table === String(table) &&
                  route.to === 'default' &&
                  (route.family === 'inet' ? 4 : 6) === family,
              ),
          )
          .map(({family}) => ({name, table, family})),
      )
      return {
        saw: uplinks.map(({name, table}) => `${name} in table ${table}`).join(', '),
        wrong: missing.map(({name, table, family}) => ({
          saw: `table ${table} of ${name} has no default route of IPv${family}`,
          means: 'flows with the mark of that uplink fall through to the next rule, and take the other one',
          repair: again(context.host.name),
        })),
      }
    },
  },
]
