import {
  acts,
  type Event,
  type HostStatus,
  type HostSummary,
  type Mode,
  type NewEvent,
  noCounts,
  type PlannedItem,
} from '../../src/events.ts'

/** Recorded-looking event streams for the reporters' tests and for a look at them by eye. */

type Item = Partial<PlannedItem> & Pick<PlannedItem, 'id' | 'verdict'>

const before = `global_defs {
  router_id gw-a1
}
vrrp_instance lan {
  state BACKUP
  interface lan0
  priority 100
}
`
const after = before.replace('priority 100', 'priority 150\n  advert_int 1')

const item = ({id, ...rest}: Item): PlannedItem => ({
  id,
  kind: id.split(' ', 1)[0] ?? id,
  play: 0,
  role: 'vrrp',
  at: {file: 'playbooks/site.yml', line: 12, column: 7},
  tentative: false,
  changes: [],
  steps: [],
  ...rest,
})

export const gatewayPlan: readonly PlannedItem[] = [
  item({id: 'package keepalived', verdict: 'changed', changes: [{path: 'state', from: 'absent', to: 'present'}]}),
  item({
    id: 'file /etc/keepalived/keepalived.conf',
    verdict: 'changed',
    changes: [
      {path: 'content', from: {text: before}, to: {text: after}},
      {path: 'mode', from: '0644', to: '0600'},
    ],
  }),
  item({
    id: 'file /etc/keepalived/secret',
    verdict: 'changed',
    tentative: true,
    changes: [{path: 'content', from: '***', to: '***'}],
  }),
  item({
    id: 'service keepalived',
    verdict: 'changed',
    tentative: true,
    changes: [
      {path: 'enabled', from: false, to: true},
      {path: 'running', from: false, to: true},
    ],
  }),
  item({id: 'file /etc/default/keepalived', verdict: 'ok'}),
  item({
    id: 'handler reload keepalived',
    kind: 'handler',
    verdict: 'changed',
    changes: [{path: 'loaded configuration', from: 'older', to: 'current'}],
    reason: 'changed: file /etc/keepalived/keepalived.conf, file /etc/keepalived/secret',
  }),
  item({id: 'task vrrp.announce', verdict: 'unknown', reason: 'a task is known only when it runs', name: 'tell'}),
  item({
    id: 'kernel_setting net.ipv4.ip_forward',
    role: 'hardening',
    verdict: 'changed',
    changes: [{path: 'value', from: '0', to: '1'}],
  }),
  item({
    id: 'kernel_setting net.netfilter.nf_conntrack_max',
    role: 'hardening',
    verdict: 'unsupported',
    reason: 'the key is not writable in this container',
  }),
  item({id: 'file /etc/motd', role: 'hardening', verdict: 'skipped'}),
]

const names = (count: number): string[] =>
  Array.from({length: count}, (_, index) => `gw-${String.fromCodePoint(97 + (index >> 1))}${1 + (index % 2)}`)

/** What happens to one host of a stream. */
export type Fate = 'fine' | 'converged' | 'fails' | 'unreachable' | 'interrupted'

const planOf = (fate: Fate): readonly PlannedItem[] =>
  fate === 'converged' ? gatewayPlan.filter(each => !acts(each)) : gatewayPlan

const summaryOf = (host: string, fate: Fate, mode: Mode): HostSummary => {
  const counts = noCounts()
  const stops = fate === 'fails' ? 2 : fate === 'interrupted' ? 1 : Number.POSITIVE_INFINITY
  if (fate !== 'unreachable')
    planOf(fate).forEach((each, index) => {
      const left = mode === 'apply' && acts(each) && index >= stops
      const verdict = mode === 'apply' && each.verdict === 'unknown' ? 'changed' : each.verdict
      counts[fate === 'fails' && mode === 'apply' && index === stops - 1 ? 'failed' : left ? 'skipped' : verdict]++
    })
  const errors: Partial<Record<Fate, [HostStatus, string]>> = {
    fails: ['failed', failure],
    unreachable: ['unreachable', unreachable],
    interrupted: ['interrupted', 'interrupted before: write /etc/keepalived/keepalived.conf'],
  }
  const [status, error]: readonly [HostStatus, string?] = (mode === 'apply' || fate === 'unreachable'
    ? errors[fate]
    : undefined) ?? [counts.changed + counts.unknown > 0 ? 'changed' : 'ok']
  const unsupported =
    fate === 'unreachable' ? [] : [{id: gatewayPlan[8]?.id ?? '', reason: gatewayPlan[8]?.reason ?? ''}]
  return {host, status, counts, unsupported, ...(error !== undefined && {error})}
}

const failure = `write /etc/keepalived/keepalived.conf failed with exit code 1:
(/etc/keepalived/keepalived.conf: Line 12) Unknown keyword 'advert_intt'
(/etc/keepalived/keepalived.conf: Line 31) (lan) the interface lan0 does not exist on this host, is it spelled correctly?`
const unreachable =
  'cannot reach 10.10.0.3 port 22: no answer within 10 s; is the host up, and does a firewall let us in?'

/** A whole run over `count` hosts, as gatewright would tell it. */
export const stream = (mode: Mode, count: number, fateOf: (index: number) => Fate = () => 'fine'): readonly Event[] => {
  const events: Event[] = []
  let clock = Date.parse('2026-11-22T10:00:00.000Z')
  const start = clock
  const emit = (event: NewEvent, ms = 40): void => {
    clock += ms
    const {event: name, ...rest} = event
    events.push({event: name, time: new Date(clock).toISOString(), ...rest} as Event)
  }
  const hosts = names(count)
  const fates = new Map(hosts.map((host, index) => [host, fateOf(index)]))
  const fate = (host: string): Fate => fates.get(host) ?? 'fine'
  const plays = [{name: 'gateways', hosts}]
  const run = '20261122T100000-a1b2c3'
  emit({event: 'run-start', version: 1, run, mode, command: `gatewright ${mode} playbooks/site.yml`, hosts, plays})
  for (const host of hosts) {
    if (fate(host) === 'unreachable') {
      emit({event: 'host-failed', host, status: 'unreachable', message: unreachable})
      continue
    }
    emit({event: 'host-start', host}, 0)
    emit({event: 'connected', host})
    emit({event: 'facts', host, facts: {os: {name: 'debian', version: '12'}}}, 1)
    emit({event: 'planned', host, items: planOf(fate(host))})
  }
  const reached = hosts.filter(host => fate(host) !== 'unreachable')
  if (mode === 'apply' && reached.length > 0) {
    emit({event: 'play-start', play: 0, name: 'gateways', hosts: reached})
    emit({event: 'batch-start', play: 0, hosts: reached})
    const failed = new Set<string>()
    for (const [index, each] of gatewayPlan.entries())
      for (const host of reached) {
        if (!acts(each) || fate(host) === 'converged' || failed.has(host)) continue
        if (fate(host) === 'interrupted' && index === 1) {
          failed.add(host)
          const message = 'interrupted before: write /etc/keepalived/keepalived.conf'
          emit({
            event: 'host-failed',
            host,
            status: 'interrupted',
            play: 0,
            message,
            next: 'run the same command again to finish',
          })
          continue
        }
        const step = `${index}.0`
        const at = {host, id: each.id, play: 0}
        const breaks = fate(host) === 'fails' && index === 1
        emit({event: 'item-start', ...at})
        emit({event: 'step-start', ...at, step, title: `apply ${each.id}`}, 1)
        emit({event: 'step-end', ...at, step, title: `apply ${each.id}`, code: breaks ? 1 : 0, output: 'done'}, 80)
        if (!breaks) {
          emit({event: 'item-end', host, item: {...each, verdict: 'changed', tentative: false}}, 1)
          continue
        }
        failed.add(host)
        emit({event: 'item-end', host, item: {...each, verdict: 'failed', reason: failure}}, 1)
        const next = 'the steps before it are done and stay; mend the cause and run the same command again'
        emit({event: 'host-failed', host, status: 'failed', play: 0, id: each.id, message: failure, next}, 1)
      }
    for (const host of reached)
      if (fate(host) === 'fine')
        emit({event: 'verified', host, play: 0, ids: gatewayPlan.filter(acts).map(({id}) => id)})
  }
  const summaries = hosts.map(host => summaryOf(host, fate(host), mode))
  for (const summary of summaries) emit({event: 'host-end', host: summary.host, summary}, 0)
  const interrupted = [...fates.values()].includes('interrupted')
  const some = (status: HostStatus): boolean => summaries.some(each => each.status === status)
  const exitCode = interrupted
    ? 130
    : some('failed')
      ? 3
      : some('unreachable')
        ? 4
        : mode === 'check' && some('changed')
          ? 2
          : 0
  emit({event: 'summary', mode, exitCode, interrupted, hosts: summaries, elapsedMs: clock - start}, 0)
  return events
}
