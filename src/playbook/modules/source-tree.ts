import {readdirSync, readlinkSync, realpathSync, statSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'

/** A directory of the project as Ansible copies it; `path` is relative to where it is copied to. */
export type SourceTree = {
  readonly files: readonly {readonly path: string; readonly source: string}[]
  readonly directories: readonly string[]
  readonly links: readonly {readonly path: string; readonly to: string}[]
}

/** With a slash at its end what is in it is meant, otherwise the directory itself. Links are followed unless told otherwise. */
export const sourceTree = (source: string, {inside, follow}: {inside: boolean; follow: boolean}): SourceTree => {
  const found = {
    files: [] as {path: string; source: string}[],
    directories: [] as string[],
    links: [] as {path: string; to: string}[],
  }
  const walk = (directory: string, relative: string, above: readonly string[]): void => {
    for (const entry of readdirSync(directory, {withFileTypes: true}).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const [full, path] = [join(directory, entry.name), join(relative, entry.name)]
      const isLink = entry.isSymbolicLink()
      const real = isLink ? realOf(full) : full
      const type = real === undefined ? undefined : statSync(real)
      const isCircle = real !== undefined && above.includes(real)
      if (isLink && (!follow || real === undefined || isCircle)) found.links.push({path, to: readlinkSync(full)})
      else if (type?.isDirectory() && real !== undefined) {
        found.directories.push(path)
        walk(real, path, [...above, real])
      } else if (type?.isFile() && real !== undefined) found.files.push({path, source: real})
      else if (isLink) found.links.push({path, to: readlinkSync(full)})
    }
  }
  const top = realpathSync(source)
  walk(top, inside ? '' : basename(source), ancestors(top))
  return found
}

const realOf = (link: string): string | undefined => {
  try {
    return realpathSync(link)
  } catch {
    return undefined
  }
}

const ancestors = (path: string): string[] => (path === dirname(path) ? [path] : [...ancestors(dirname(path)), path])
