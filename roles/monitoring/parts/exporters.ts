import {directory, file, handler, onlyFiles, type Resource, service} from 'gatewright'
import {collectors, collectProgram, hookFile, ports, socketAt, textfiles} from '../places.ts'
import {collectScript} from '../templates/collect-script.ts'
import {collectUnit, timer} from '../templates/units.ts'
import {vrrpHook} from '../templates/vrrp-hook.ts'
import type {MonitoringVars} from '../vars.ts'
import {collectorsOf, paces, type Watched, watchesOf} from '../watched.ts'
import {checking} from './checking.ts'
import {daemon} from './daemon.ts'

/** Costly things are looked at once a minute. */
const slowSeconds = 60

/** What every watched host has: exporters on its management address, and the programs that its roles watch by. */
export const exporters = (
  host: Watched,
  {interval, checks}: Pick<MonitoringVars, 'interval' | 'checks'>,
): readonly Resource[] => {
  const hasVrrp = watchesOf(host, 'vrrp').length > 0
  const programs = collectorsOf(host.watches)
  return [
    ...daemon('prometheus-node-exporter', [
      `--web.listen-address=${socketAt(host.address, ports.node)}`,
      `--collector.textfile.directory=${textfiles}`,
    ]),
    ...(watchesOf(host, 'bgp').length > 0
      ? daemon('prometheus-frr-exporter', [
          `--web.listen-address=${socketAt(host.address, ports.frr)}`,
          '--collector.bgp6',
          '--no-collector.ospf',
        ])
      : []),
    directory({path: '/etc/gatewright'}),
    directory({path: collectors}),
    ...paces.flatMap(pace => {
      const own = programs.filter(each => each.pace === pace)
      const path = `${collectors}/${pace}`
      return [
        directory({path}),
        ...own.map(({name, program}) =>
          file({path: `${path}/${name}`, content: `#!/bin/sh\n# Written by gatewright.\n${program}`, mode: '0755'}),
        ),
        onlyFiles({directory: path, names: own.map(({name}) => name)}),
      ]
    }),
    directory({path: '/usr/local/lib/gatewright'}),
    file({path: collectProgram, content: collectScript, mode: '0755'}),
    ...(hasVrrp
      ? [directory({path: '/etc/gatewright/vrrp.d'}), file({path: hookFile, content: vrrpHook, mode: '0755'})]
      : []),
    file({path: '/etc/systemd/system/gatewright-monitoring@.service', content: collectUnit}),
    ...(checks.length > 0 ? checking(checks, host) : []),
    ...paces.flatMap(pace => {
      if (!programs.some(each => each.pace === pace)) return []
      const name = `gatewright-monitoring-${pace}.timer`
      const content = timer(pace, pace === 'slow' ? slowSeconds : interval)
      const restart = handler(service.restart(name))
      return [
        file({path: `/etc/systemd/system/${name}`, content, notify: [restart]}),
        service({name, enabled: true, running: true}),
      ]
    }),
  ]
}
