import {exec} from '../../resources/exec.ts'
import {raw} from '../../shell/command.ts'
import type {Module} from './module.ts'
import {command, mapping, path} from './schema-parts.ts'
import {aptModule, packageModule} from './system/apt-module.ts'
import {authorizedKeyModule} from './system/authorized-key-module.ts'
import {commandModule, shellModule} from './system/command-module.ts'
import {groupModule} from './system/group-module.ts'
import {serviceModule, systemdModule} from './system/service-modules.ts'
import {sysctlModule} from './system/sysctl-module.ts'
import {userModule} from './system/user-module.ts'
import {waitForModule} from './system/wait-for-module.ts'

/** Modules about packages, services, accounts, keys of the kernel, and commands. */
export const systemModules: Readonly<Record<string, Module>> = {
  user: userModule,
  group: groupModule,
  authorized_key: authorizedKeyModule,
  command: commandModule,
  shell: shellModule,
  apt: aptModule,
  package: packageModule,
  service: serviceModule,
  systemd: systemdModule,
  systemd_service: systemdModule,
  sysctl: sysctlModule,
  wait_for: waitForModule,
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
