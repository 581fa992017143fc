import {type Resource, sysctl} from 'gatewright'
import type {SysctlView} from '../view/sysctl.ts'

export const sysctlResources = ({parameters}: SysctlView): readonly Resource[] =>
  parameters.map(({key, value}) => sysctl({key, value, ...(canCut(key) && {confirm: true})}))

/** A strict check of sources drops what comes in where the answer would not leave: maybe the operator. */
const canCut = (key: string): boolean => /\.(rp_filter|arp_ignore)$/.test(key)
