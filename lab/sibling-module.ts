import {extname, join} from 'node:path'

/** File of another module of this folder, as TypeScript in a checkout and as JavaScript in the package. */
export function siblingModule(meta: ImportMeta, name: string): string {
  return join(meta.dirname, name + extname(meta.filename))
}
