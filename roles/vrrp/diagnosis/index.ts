import type {Diagnosis} from 'gatewright'
import type {VrrpVars} from '../view.ts'
import {daemonSteps} from './daemon-steps.ts'
import {observe} from './observe.ts'
import {settingsSteps} from './settings-steps.ts'
import {stateSteps} from './state-steps.ts'
import {wireSteps} from './wire-steps.ts'

/** What this role knows of a gateway that does not take over, and of a LAN that does not get out. */
export const diagnosis: Diagnosis<VrrpVars> = {
  observe,
  steps: [...settingsSteps, ...daemonSteps, ...stateSteps, ...wireSteps],
}
