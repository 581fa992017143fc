import {directory, file, pkg, type Resource} from 'gatewright'
import {checksConf} from '../checks/conf.ts'
import {checkProgramText} from '../checks/program.ts'
import {checkProgram, checksFile} from '../places.ts'
import type {MonitoringVars} from '../vars.ts'
import type {Watched} from '../watched.ts'

/** What the program asks by; perl-base is on every Debian. */
export const checkPackages = ['curl', 'fping'] as const

/** The program of the checks, and what it is to ask over which links. */
export const checking = (checks: MonitoringVars['checks'], {ways}: Watched): readonly Resource[] => [
  pkg({name: [...checkPackages]}),
  directory({path: '/etc/gatewright'}),
  file({path: checksFile, content: checksConf(checks, ways)}),
  directory({path: '/usr/local/lib/gatewright'}),
  file({path: checkProgram, content: checkProgramText, mode: '0755'}),
]
