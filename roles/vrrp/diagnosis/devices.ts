import type {Host} from 'gatewright'
import {advertLinks, trackLinksOf, type VrrpVars} from '../view.ts'

type Linked = Pick<Host, 'links'>

const devicesOf = (links: readonly string[], {links: all}: Linked): string[] => [
  ...new Set(links.flatMap(link => all[link]?.device ?? [])),
]

/** Devices on which advertisements travel. */
export const speakingDevices = (vars: VrrpVars, host: Linked): string[] =>
  devicesOf([...advertLinks(vars), ...vars.instances.map(({link}) => link)], host)

/** Those, and the ones without whose cable the gateway gives up. */
export const neededDevices = (vars: VrrpVars, host: Linked): string[] => [
  ...new Set([...speakingDevices(vars, host), ...devicesOf(trackLinksOf(vars), host)]),
]
