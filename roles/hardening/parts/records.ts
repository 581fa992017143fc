import {directory, file, type Resource} from 'gatewright'
import type {DeclaredFlow} from '../view/flows.ts'
import type {Exception} from '../view/sysctl.ts'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** What an audit and `hardening.verify` read: which connections are declared, and where a recommendation is not followed. */
export const recordResources = (
  flows: readonly DeclaredFlow[],
  exceptions: readonly Exception[],
): readonly Resource[] => [
  directory({path: '/etc/gatewright'}),
  directory({path: '/etc/gatewright/hardening'}),
  file({path: '/etc/gatewright/hardening/exceptions.json', content: json(exceptions)}),
  file({path: '/etc/gatewright/hardening/flows.json', content: json(flows)}),
]
