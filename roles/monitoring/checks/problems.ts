import {isAddress, type ProblemContext, type RoleProblem} from 'gatewright'
import type {MonitoringVars} from '../vars.ts'

type Check = MonitoringVars['checks'][number]

/** `10.20.0.53` of `crm.example@10.20.0.53:5353`. */
const serverOf = (target: string): string => target.replace(/^.*?@/, '').replace(/^(?:\[(.*)\]|([\d.]+)):\d+$/, '$1$2')
const isHost = (text: string): boolean => isAddress(text) && !text.includes('/')

const targets: Readonly<Record<Check['kind'], {readonly isRight: (target: string) => boolean; readonly form: string}>> =
  {
    icmp: {isRight: isHost, form: 'an address'},
    tcp: {isRight: target => /^(\[[\da-f:.]+\]|[^\s:@/]+):\d{1,5}$/i.test(target), form: 'address:port'},
    http: {isRight: target => /^https?:\/\/[^\s/]/.test(target), form: 'a URL'},
    dns: {
      isRight: target => /^[\w.-]+@/.test(target) && isHost(serverOf(target)),
      form: 'name@server, and the server an address',
    },
  }

/** What the checks of a host would ask in vain. */
export const checkProblems = ({
  vars: {checks},
  host,
  peers,
}: ProblemContext<MonitoringVars>): readonly RoleProblem[] => [
  ...checks.flatMap(check => ofCheck(check, host)),
  ...repeated(checks.map(({name}) => name)).map(name =>
    wrong(
      'monitoring-check-twice',
      `two checks are called ${name}: their results would be mixed up`,
      'call one of them otherwise',
    ),
  ),
  ...peers.flatMap(peer =>
    JSON.stringify(peer.vars.checks) === JSON.stringify(checks)
      ? []
      : [
          {
            ...wrong(
              'monitoring-checks-differ',
              `${host.name} and ${peer.name} are to reach different things: which of them is master must not matter`,
              'set it once, in the group of the pair',
            ),
            also: {host: peer.name},
          },
        ],
  ),
]

const ofCheck = (
  {name, kind, target, via = [], timeout, interval, answer}: Check,
  host: Host,
): readonly RoleProblem[] => {
  const {isRight, form} = targets[kind]
  const links = Object.keys(host.links)
  return [
    ...(isRight(target)
      ? []
      : [wrong('monitoring-check-target', `${target} of the check ${name} is no target of ${kind}`, `write ${form}`)]),
    ...via
      .filter(link => !links.includes(link))
      .map(link =>
        wrong(
          'monitoring-check-via',
          `${name} is to be asked over ${link}, which ${host.name} does not have`,
          `one of ${links.join(', ')}`,
        ),
      ),
    ...repeated(via).map(link =>
      wrong('monitoring-check-via', `${name} is to be asked over ${link} twice`, 'name it once'),
    ),
    ...(timeout <= interval
      ? []
      : [
          wrong(
            'monitoring-check-interval',
            `${name} may take ${timeout} s, and is asked again after ${interval} s`,
            'a shorter timeout or a longer interval',
          ),
        ]),
    ...(kind === 'dns' && answer !== '' && !isHost(answer)
      ? [
          wrong(
            'monitoring-check-answer',
            `${answer} is no address that ${name} could be told`,
            'an IPv4 or IPv6 address',
          ),
        ]
      : []),
  ]
}

type Host = ProblemContext<MonitoringVars>['host']
const repeated = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
]
const wrong = (rule: string, what: string, fix: string): RoleProblem => ({rule, variable: 'checks', what, fix})
