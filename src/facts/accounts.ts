import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

export type UserFact = {readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string}

/** Name -> account, from all sources that nsswitch.conf(5) lists entries of. */
export const users: Fact<Readonly<Record<string, UserFact>>> = {
  name: 'users',
  command: $`getent passwd`,
  parse: answer =>
    Object.fromEntries(
      linesOf('users', answer).map(line => {
        const [name = '', , uid, gid, , home = '', shell = ''] = line.split(':')
        return [name, {uid: Number(uid), gid: Number(gid), home, shell}]
      }),
    ),
}

export type GroupFact = {readonly gid: number; readonly members: readonly string[]}

export const groups: Fact<Readonly<Record<string, GroupFact>>> = {
  name: 'groups',
  command: $`getent group`,
  parse: answer =>
    Object.fromEntries(
      linesOf('groups', answer).map(line => {
        const [name = '', , gid, members = ''] = line.split(':')
        return [name, {gid: Number(gid), members: members.split(',').filter(member => member !== '')}]
      }),
    ),
}
