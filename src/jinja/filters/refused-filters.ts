import {refuseIt} from '../problem.ts'
import type {Filters} from './shape.ts'

const random = ['a plan must be the same each time it is made', 'put the chosen value into a variable'] as const
const control = ['its result would depend on the machine that gatewright runs on', 'write the path itself'] as const
const time = ['dates and the time are no values here', 'pass the text with -e'] as const
const notBuilt = ['it is not built', 'write the result'] as const

/** Filters of Ansible that no expression can use: why, and what to do instead. */
export const refusedFilters: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  random,
  shuffle: random,
  realpath: control,
  fileglob: control,
  win_dirname: notBuilt,
  win_splitdrive: notBuilt,
  strftime: time,
  to_datetime: time,
  from_yaml_all: ['it is not built', 'write | from_yaml for one document'],
  vault: ['a vault file is written with gatewright vault', 'use a vault file'],
  unvault: ['encrypted values are decrypted where they are read', 'use a !vault value'],
  attr: ['it finds no keys of a mapping', "write x['name']"],
  urlize: ['it is made for web pages', 'write the text'],
  json_query: [
    "it is no part of ansible-core, and needs Python's jmespath",
    "write selectattr(…) | map(attribute='…')",
  ],
  cidr_merge: notBuilt,
  slaac: notBuilt,
  usable_range: notBuilt,
}

export const refusingFilters: Filters = Object.fromEntries(
  Object.entries(refusedFilters).map(([name, [why, fix]]) => [
    name,
    () => refuseIt(`the filter ${name} is not supported`, why, fix),
  ]),
)
