import {$} from '../shell/command.ts'
import {
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'

type Outdated = {readonly units: readonly string[]}

/** That systemd has read its unit files since they were last written. */
export const unitFilesKind: Kind<object, Outdated> = {
  name: 'unit_files',
  identify: () => 'read',
  probe: () => ({
    command: $`
[ -d /run/systemd/system ] || { echo booted=no; exit 0; }
systemctl show '*' -p Id -p NeedDaemonReload`,
    parse({code, stdout, stderr}): Outdated | Unsupported {
      if (stdout.startsWith('booted=no')) return unsupported('systemd does not run this host')
      if (code !== 0 || !stdout.includes('Id=')) throw new Unreadable(stderr.trim() || `exit code ${code}`)
      const units = stdout.split('\n\n').filter(block => /^NeedDaemonReload=yes$/m.test(block))
      return {units: units.map(block => /^Id=(.*)$/m.exec(block)?.[1] ?? '')}
    },
  }),
  predict: (_desired, current, {daemonReloaded}) => (daemonReloaded ? {units: []} : current),
  diff: (_desired, {units}) => (units.length === 0 ? [] : [{path: 'outdated units', from: units, to: []}]),
  steps: () => [{do: 'run', title: 'let systemd read its unit files again', command: $`systemctl daemon-reload`}],
  provides: () => ({daemonReloaded: true}),
  problems: () => [],
}

/** `systemctl daemon-reload`, where a unit needs it. */
export const unitFiles = (notify?: readonly Handler[]): Resource<object, Outdated> =>
  resourceOf(unitFilesKind)({}, notify)
