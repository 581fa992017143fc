import type {Attributes} from './path-change.ts'
import {isMode} from './symbolic-mode.ts'

/** A rule of one field: undefined, or what is wrong as `field: sentence`. */
type Broken = string | undefined

/** Keeps what is broken. */
export const broken = (...found: Broken[]): string[] => found.filter(problem => problem !== undefined)

const control = /\p{Cc}/u

/** An absolute, normalised path without control characters (a newline in a name breaks every list of files). */
export const pathRule = (field: string, path: string): Broken => {
  if (!path.startsWith('/')) return `${field}: ${JSON.stringify(path)} is not an absolute path`
  if (control.test(path)) return `${field}: ${JSON.stringify(path)} holds a control character`
  if (path === '/' || /\/(\.{0,2})(\/|$)/.test(path))
    return `${field}: ${JSON.stringify(path)} is not normalised (no "//", ".", ".." and no "/" at the end)`
  return undefined
}

export const modeRule = (field: string, mode: string): Broken =>
  /^[0-7]{4}$/.test(mode)
    ? undefined
    : `${field}: ${JSON.stringify(mode)} is not a mode of four octal digits, such as '0644'`

/** A user or group: a name as useradd(8) takes it, or a number. */
export const accountRule = (field: string, name: string): Broken =>
  /^(\d+|[A-Za-z_][\w.-]*\$?)$/.test(name)
    ? undefined
    : `${field}: ${JSON.stringify(name)} is not the name of an account`

/** The name of a user or group that is made or changed: no number. */
export const accountNameRule = (field: string, name: string): Broken =>
  /^[A-Za-z_][\w.-]{0,30}\$?$/.test(name)
    ? undefined
    : `${field}: ${JSON.stringify(name)} is not the name of an account`

/** A unit name: systemd.unit(5), "valid unit names". */
export const unitRule = (field: string, name: string): Broken =>
  /^[\w:.\\@-]+$/.test(name) && name.length < 248
    ? undefined
    : `${field}: ${JSON.stringify(name)} is not the name of a unit`

/** A text of one line that is not empty. */
export const nameRule = (field: string, name: string): Broken =>
  name.trim() === '' || control.test(name) ? `${field}: ${JSON.stringify(name)} is not a name of one line` : undefined

/** Rules of a mode, owner and group that may be left out; where Ansible takes it, the mode may be symbolic. */
export const attributeRules = ({mode, owner, group}: Attributes, takes?: 'symbolic'): Broken[] => [
  mode === undefined ? undefined : takes === 'symbolic' ? symbolicRule(mode) : modeRule('mode', mode),
  owner === undefined ? undefined : accountRule('owner', owner),
  group === undefined ? undefined : accountRule('group', group),
]

const symbolicRule = (mode: string): Broken =>
  isMode(mode)
    ? undefined
    : `mode: ${JSON.stringify(mode)} is neither octal digits, such as '0644', nor symbolic, such as 'u=rw,g=r'`
