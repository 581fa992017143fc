import {fileModules} from './file-modules.ts'
import type {Module} from './module.ts'
import {sayingModules} from './saying-modules.ts'
import {systemModules} from './system-modules.ts'

/** Everything that a task of a playbook may name, by its short name. */
export const modules: Readonly<Record<string, Module>> = {...fileModules, ...systemModules, ...sayingModules}
