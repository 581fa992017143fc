import type {TaskContext} from 'gatewright'
import {ports, socketAt} from './places.ts'
import {addressOf, isServer, type MonitoringVars} from './vars.ts'

/** How tasks speak with the Alertmanager of the host that they run on: `amtool --alertmanager.url=URL`. */
export const alertmanagerOf = ({vars, host}: Pick<TaskContext<MonitoringVars>, 'vars' | 'host'>): string => {
  const address = addressOf(vars, host)
  if (!isServer(vars, host) || address === undefined)
    throw new Error(
      `${host.name} has no Alertmanager: run the task on ${vars.servers.join(' or ') || 'a host of monitoring_servers'}`,
    )
  return `http://${socketAt(address, ports.alertmanager)}`
}
