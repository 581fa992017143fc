import {existsSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'

/** Paths of the directories in a directory; none where that is gone. */
export function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, {withFileTypes: true})
      .filter(entry => entry.isDirectory())
      .map(entry => join(directory, entry.name))
  } catch {
    return []
  }
}

export function removeIfEmpty(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length === 0) rmSync(directory, {recursive: true})
}
