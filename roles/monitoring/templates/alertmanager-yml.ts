import {yamlText} from 'gatewright'
import type {MonitoringVars} from '../vars.ts'

type Vars = Pick<MonitoringVars, 'receivers' | 'watchdog' | 'smtp' | 'mail_from' | 'repeat_hours'>

/** alertmanager.yml: who is told what. What follows from something greater is not told beside it. */
export const alertmanagerYml = ({receivers, watchdog, smtp, mail_from, repeat_hours}: Vars): string =>
  yamlText({
    ...(smtp !== '' && {global: {smtp_smarthost: smtp, smtp_from: mail_from}}),
    route: {
      receiver: 'nobody',
      group_by: ['site', 'pair', 'severity'],
      group_wait: '5s',
      group_interval: '1m',
      repeat_interval: `${repeat_hours * 60}m`,
      routes: [
        {
          receiver: watchdog === '' ? 'nobody' : 'watchdog',
          matchers: ['alertname="Watchdog"'],
          group_wait: '0s',
          group_interval: '1m',
          repeat_interval: '1m',
        },
        ...receivers.map(({name, severities = [], sites = []}) => ({
          receiver: name,
          matchers: [...oneOf('severity', severities), ...oneOf('site', sites)],
        })),
      ],
    },
    inhibit_rules: inhibitions,
    receivers: [
      {name: 'nobody'},
      ...(watchdog === '' ? [] : [{name: 'watchdog', webhook_configs: [{url: watchdog}]}]),
      ...receivers.map(({name, webhook, email}) => ({
        name,
        ...(webhook !== undefined && {webhook_configs: [{url: webhook, send_resolved: true}]}),
        ...(email !== undefined && {email_configs: [{to: email, send_resolved: true}]}),
      })),
    ],
  })

const oneOf = (label: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${label}=~${JSON.stringify(values.map(quoted).join('|'))}`]
const quoted = (text: string): string => text.replaceAll(/[^\w -]/g, '\\$&')

const unlessDown = (source: readonly string[], target: readonly string[], equal: readonly string[]) => ({
  source_matchers: source,
  target_matchers: target,
  equal,
})
const inhibitions = [
  unlessDown(['alertname="HostDown"'], ['alertname!="HostDown"'], ['host']),
  unlessDown(['alertname="ExporterDown"', 'job="frr"'], ['alertname=~"BgpDown|BfdDown|PrefixesDropped"'], ['host']),
  unlessDown(
    ['alertname="ExporterDown"', 'job="node"'],
    ['alertname=~"CollectorFailed|StandbyNotReady|TunnelDown|CheckFails|CheckFailsOnWay"'],
    ['host'],
  ),
  unlessDown(['alertname="CheckFails"'], ['alertname="CheckFailsOnWay"'], ['pair', 'host', 'check']),
]
