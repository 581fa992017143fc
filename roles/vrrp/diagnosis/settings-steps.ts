import {keepalivedConf} from '../templates/keepalived-conf.ts'
import {vrrpView} from '../view.ts'
import {neededDevices} from './devices.ts'
import {replay, type Step} from './seen.ts'

const flows = ['no-failover'] as const

/** Cables, and the configuration as a whole. */
export const settingsSteps: readonly Step[] = [
  {
    id: 'vrrp-link',
    flows,
    stage: 'link',
    asks: 'are the links up that it speaks on and watches',
    look({vars, host, facts}) {
      const devices = neededDevices(vars, host)
      return {
        saw: `${devices.join(', ')}: up, with carrier`,
        wrong: devices.flatMap(device => {
          const is = facts.links[device]
          if (is?.up && is.carrier) return []
          const saw = is === undefined ? `there is no ${device}` : `${device} ${is.up ? 'has no carrier' : 'is down'}`
          return [
            {
              saw,
              means:
                'a gateway without this link does not hear its peer, or gives the addresses away and does not take them',
              repair: is?.up
                ? `plug in the cable of ${device} on ${host.name}, then gatewright diagnose no-failover`
                : `gatewright exec ${host.name} --become -- ip link set ${device} up`,
            },
          ]
        }),
      }
    },
  },
  {
    id: 'vrrp-settings',
    flows,
    stage: 'settings',
    asks: 'is its configuration that of the playbook: VRID, priority, version, interval, peers',
    look({vars, host, facts, members, offers}) {
      const {conf} = facts
      const wrong = (saw: string, means: string) => ({
        saw: 'as the playbook says',
        wrong: [{saw, means, repair: replay(host.name)}],
      })
      if (conf === undefined)
        return wrong(
          'there is no /etc/keepalived/keepalived.conf',
          'this gateway was never provisioned: nobody is there to take over',
        )
      const wanted = keepalivedConf(vrrpView(vars, facts, host, members, offers))
      const [is, should] = [onlyIn(conf, wanted), onlyIn(wanted, conf)]
      return is.length + should.length === 0
        ? {saw: 'as the playbook says', wrong: []}
        : wrong(
            `keepalived.conf has ${quoted(is)} where the playbook says ${quoted(should)}`,
            'the two gateways do not take each other for a pair: they answer to different numbers, or refuse what the other says',
          )
    },
  },
]

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
const onlyIn = (text: string, other: string): string[] => {
  const known = new Set(linesOf(other))
  return linesOf(text).filter(line => !known.has(line))
}
/** The first few; a file that is another one altogether is told by them well enough. */
const quoted = (lines: readonly string[]): string =>
  lines.length === 0
    ? 'nothing'
    : `${lines
        .slice(0, 3)
        .map(line => `'${line}'`)
        .join(', ')}${lines.length > 3 ? ` and ${lines.length - 3} more` : ''}`
