import type {Diagnosis} from 'gatewright'
import type {MwanVars} from '../view.ts'
import {kernelSteps} from './kernel-steps.ts'
import {observe} from './observe.ts'
import {uplinkSteps} from './uplink-steps.ts'

/** What this role knows of traffic that takes one uplink only, or none. */
export const diagnosis: Diagnosis<MwanVars> = {observe, steps: [...uplinkSteps, ...kernelSteps]}
