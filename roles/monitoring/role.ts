import {cpu, defineRole, memory, type OfferingHost} from 'gatewright'
import {liveProblems} from './live-problems.ts'
import {offers} from './offers.ts'
import {checkPackages} from './parts/checking.ts'
import {exporters} from './parts/exporters.ts'
import {server} from './parts/server.ts'
import {problems} from './problems.ts'
import {schema} from './schema.ts'
import {isServer} from './vars.ts'
import {watchedHosts} from './watched.ts'

export default defineRole({
  name: 'monitoring',
  schema,
  packages: [
    'prometheus-node-exporter',
    'prometheus-frr-exporter',
    ...checkPackages,
    'prometheus-blackbox-exporter',
    'prometheus-alertmanager',
    'prometheus',
  ],
  facts: {cpu, memory},
  problems,
  liveProblems,
  offers,
  resources({vars, host, offers: own, fleet = []}) {
    const all: readonly OfferingHost[] = fleet.length > 0 ? fleet : [{...host, offers: own}]
    const hosts = watchedHosts(all)
    const self = hosts.find(({name}) => name === host.name)
    if (!self) return []
    return [...exporters(self, vars), ...(isServer(vars, host) ? server(self.address, hosts, vars) : [])]
  },
})
