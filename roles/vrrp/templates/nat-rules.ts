import type {Host} from 'gatewright'
import {familyOf} from '../subnet.ts'
import {linkOf, type VrrpVars} from '../view.ts'

/** Body of the table inet gatewright_nat: to the virtual address, which the other gateway can answer for as well. */
export const natRules = ({nat}: Pick<VrrpVars, 'nat'>, host: Pick<Host, 'name' | 'links'>): string => `chain source {
    type nat hook postrouting priority srcnat; policy accept;
${nat.map(({link, sources, address}) => `    oifname "${linkOf(link, host).device}" ${family(address)} saddr { ${sources.join(', ')} } snat ${family(address)} to ${address}\n`).join('')}}
`

const family = (address: string): string => (familyOf(address) === 6 ? 'ip6' : 'ip')
