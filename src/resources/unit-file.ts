import {$} from '../shell/command.ts'
import type {Provides} from './foresight.ts'
import type {Step} from './resource.ts'

/** The directories of systemd.unit(5) that packages and administrators write to. */
const directories = /^\/(?:etc|run|usr\/local\/lib|usr\/lib|lib)\/systemd\/system\/(.+)$/
const unitFile = /^[^/]+\.(service|socket|target|timer|mount|automount|path|slice|swap)$/

/** systemd reads it: a unit, a drop-in, or a link that enables one. */
export const isUnitFile = (path: string): boolean => directories.test(path)

/** What follows writing or removing a unit file; nothing for other files. */
export const afterUnitFile = (path: string): Step[] =>
  isUnitFile(path)
    ? [{do: 'run', title: 'let systemd read its unit files again', command: $`systemctl daemon-reload`}]
    : []

/** What a written unit file leaves behind: its unit, which nothing enables yet. */
export const unitFileProvides = (path: string): Provides => {
  const name = directories.exec(path)?.[1]
  if (name === undefined) return {}
  return {
    daemonReloaded: true,
    ...(unitFile.test(name) && {units: [{name: name.replace(/\.service$/, ''), enabled: false}]}),
  }
}
