import {exec} from '../../resources/exec.ts'
import {service} from '../../resources/service.ts'
import {sysctl} from '../../resources/sysctl.ts'
import {raw} from '../../shell/command.ts'
import type {Module} from './module.ts'
import {command, mapping, path, text} from './schema-parts.ts'
import {aptModule, packageModule} from './system/apt-module.ts'
import {authorizedKeyModule} from './system/authorized-key-module.ts'
import {commandModule, shellModule} from './system/command-module.ts'
import {groupModule} from './system/group-module.ts'
import {userModule} from './system/user-module.ts'

/** Modules about packages, services, accounts, keys of the kernel, and commands. */
export const systemModules: Readonly<Record<string, Module>> = {
  user: userModule,
  group: groupModule,
  authorized_key: authorizedKeyModule,
  command: commandModule,
  shell: shellModule,
  apt: aptModule,
  package: packageModule,
  service: {
    example: {name: 'chrony', enabled: true, running: true},
    schema: mapping(
      {
        name: text,
        enabled: {type: 'boolean'},
        running: {type: 'boolean'},
        state: {enum: ['started', 'stopped'], description: 'started or stopped; a reload or restart is a handler'},
      },
      ['name'],
    ),
    make: ({state, ...rest}, {notify}) => [
      service({...(rest as any), ...(state !== undefined && {running: state === 'started'}), notify}),
    ],
  },
  sysctl: {
    example: {key: 'net.ipv4.ip_forward', value: 1},
    schema: mapping(
      {
        key: {...text, examples: ['net.ipv4.ip_forward']},
        value: {description: 'text or a number', anyOf: [text, {type: 'number'}]},
      },
      ['key', 'value'],
    ),
    make: (parameters, {notify}) => [sysctl({...(parameters as any), notify})],
  },
  exec: {
    example: {run: 'touch /srv/done', creates: '/srv/done'},
    schema: mapping({run: command, creates: path, unless: command, only_if: command}, ['run']),
    make: ({run, creates, unless, only_if: onlyIf}, {notify}) => [
      exec({
        run: raw(run),
        ...(creates !== undefined && {creates}),
        ...(unless !== undefined && {unless: raw(unless)}),
        ...(onlyIf !== undefined && {onlyIf: raw(onlyIf)}),
        notify,
      }),
    ],
  },
}
