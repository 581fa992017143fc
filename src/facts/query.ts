import {Unreadable} from '../resources/resource.ts'
import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

/** Whether a command of this name is on PATH. */
export const commandExists = (name: string): Fact<boolean> => ({
  name: `command ${name}`,
  command: $`command -v -- ${name} >/dev/null`,
  parse: ({code}) => code === 0,
})

/** The text of a file; undefined when it does not exist. Throws Unreadable when it cannot be read. */
export const fileContent = (path: string): Fact<string | undefined> => ({
  name: `content of ${path}`,
  command: $`
if s=$(LC_ALL=C stat -L -- ${path} 2>&1 >/dev/null); then echo present; cat <${path}; exit; fi
case $s in *': No such file or directory') echo absent ;; *) printf '%s\\n' "$s" >&2; exit 3 ;; esac`,
  parse({code, stdout, stderr}) {
    if (code !== 0) throw new Unreadable(`${path}: ${stderr.trim() || `exit code ${code}`}`)
    return stdout.startsWith('present\n') ? stdout.slice('present\n'.length) : undefined
  },
})
