import {$} from '../shell/command.ts'
import {type Kind, resourceOf, Unreadable} from './resource.ts'

export type OnlyFilesDesired = {readonly directory: string; readonly names: readonly string[]}

/** That a directory holds no other files: what is no longer asked for must not be read or run any more. */
export const onlyFilesKind: Kind<OnlyFilesDesired, readonly string[]> = {
  name: 'only-files',
  identify: ({directory}) => directory,
  probe: ({directory}) => ({
    command: $`[ ! -d ${directory} ] || ls -A -- ${directory}`,
    parse({code, stdout, stderr}) {
      if (code !== 0) throw new Unreadable(stderr.trim() || `exit code ${code}`)
      return stdout.split('\n').filter(Boolean)
    },
  }),
  diff: ({names}, current) =>
    current.filter(name => !names.includes(name)).map(name => ({path: name, from: 'present', to: 'absent'})),
  steps: ({directory}, changes) => [
    {
      do: 'run',
      title: `remove ${changes.map(({path}) => path).join(', ')} from ${directory}`,
      command: $`cd -- ${directory} && rm -rf -- ${changes.map(({path}) => path)}`,
    },
  ],
  problems: () => [],
}

/** `onlyFiles({directory: '/etc/openvpn/server/road/clients', names: ['alice']})`. A directory that is missing holds none. */
export const onlyFiles = resourceOf(onlyFilesKind)
