import {type Resource, sysctl} from 'gatewright'
import type {SysctlView} from '../view/sysctl.ts'

export const sysctlResources = ({parameters}: SysctlView): readonly Resource[] =>
  parameters.map(parameter => sysctl(parameter))
