import {claim, flow, monitored, type Offer} from 'gatewright'
import {checkMetrics, ownMetrics} from './collectors.ts'
import {ports} from './places.ts'
import {addressOf, agentOf, type Context, isServer} from './vars.ts'

/** What others must know: who may ask the exporters, and for the servers, where they listen and what is to be probed. */
export const offers = ({vars, host, peers, others}: Context): readonly Offer[] => {
  const address = addressOf(vars, host)
  if (address === undefined) return []
  const servers = [host, ...peers, ...others].filter(each => isServer(vars, each) && each.name !== host.name)
  const from = servers.flatMap(({links}) => (links[vars.link]?.addresses ?? []).map(each => each.replace(/\/.*/, '')))
  const open = [
    {port: ports.node, purpose: 'Prometheus asks the node exporter'},
    {port: ports.frr, purpose: 'Prometheus asks the exporter of FRR'},
    ...(vars.zabbix ? [{port: ports.agent, purpose: 'Zabbix asks its agent'}] : []),
  ]
  const own = isServer(vars, host)
    ? [
        ports.blackbox,
        ports.prometheus,
        ports.alertmanager,
        ...(vars.zabbix ? ([ports.zabbix, ports.frontend] as const) : []),
      ]
    : []
  const agent = agentOf(vars, host)
  return [
    ...ownMetrics.map(metrics => monitored({what: 'host', name: host.name, address, metrics, ...(agent && {agent})})),
    ...vars.probes.map(({name, by, target}) => monitored({what: 'probe', name, by, address: target})),
    ...vars.checks.map(({name, kind, via}) =>
      monitored({what: 'check', name, by: kind, ...(via !== undefined && {via}), metrics: checkMetrics}),
    ),
    ...(from.length === 0
      ? []
      : open.map(each => flow({protocol: 'tcp', ...each, from, to: [address], link: vars.link}))),
    ...[...open.map(({port}) => port), ...own].map(port =>
      claim({
        what: 'tcp port',
        value: String(port),
        within: `host ${host.name}`,
        owner: 'monitoring',
        variable: 'link',
      }),
    ),
  ]
}
