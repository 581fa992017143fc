import {$, type Answer, type Kind, type Resource, resourceOf, Unreadable} from 'gatewright'

type FileModeDesired = {readonly path: string; readonly mode: string; readonly owner: string; readonly group: string}
type FileModeState = {readonly mode: string; readonly owner: string; readonly group: string} | undefined

const parse = ({code, stdout, stderr}: Answer): FileModeState => {
  if (stdout.trim() === 'absent') return undefined
  const [, mode = '', owner = '', group = ''] = /^mode (\d+) (\S+) (\S+)$/m.exec(stdout) ?? []
  if (code !== 0 || mode === '') throw new Unreadable(stderr.trim() || `exit code ${code}`)
  return {mode: mode.padStart(4, '0'), owner, group}
}

/** Mode and owner of a file or directory that a package brings; one that is not there is right. */
export const fileModeKind: Kind<FileModeDesired, FileModeState> = {
  name: 'file-mode',
  identify: ({path}) => path,
  probe: ({path}) => ({
    command: $`if [ -e ${path} ]; then stat -L -c 'mode %a %U %G' ${path}; else echo absent; fi`,
    parse,
  }),
  diff: (desired, current) =>
    (['mode', 'owner', 'group'] as const).flatMap(path =>
      current === undefined || current[path] === desired[path] ? [] : [{path, from: current[path], to: desired[path]}],
    ),
  steps: ({path, mode, owner, group}) => [
    {
      do: 'run',
      title: `set the mode and owner of ${path}`,
      command: $`chown ${`${owner}:${group}`} ${path} && chmod ${mode} ${path}`,
    },
  ],
  problems: ({path, mode}) => [
    ...(path.startsWith('/') ? [] : [`path: ${JSON.stringify(path)} is not absolute`]),
    ...(/^[0-7]{4}$/.test(mode) ? [] : [`mode: ${JSON.stringify(mode)} is not four octal digits`]),
  ],
}

const build = resourceOf(fileModeKind)
export const fileMode = (path: string, mode: string, group = 'root'): Resource<FileModeDesired, FileModeState> =>
  build({path, mode, owner: 'root', group})
