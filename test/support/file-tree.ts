import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Makes what is there before a case. */
export const prepare = (base: string, before: string): void => {
  const {status, stderr} = spawnSync('/bin/sh', ['-ec', `umask 022; cd "$1"; ${before}`, 'sh', base], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${before}: ${stderr}`)
}

/** Everything below a directory, a line each: path, type, mode, owner, group, names, target, content. */
export const treeOf = (base: string): string[] => {
  const {stdout} = spawnSync('find', [base, '-mindepth', '1', '-printf', '%P|%y|%m|%U|%G|%n|%l\n'], {encoding: 'utf8'})
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [path = '', type = '', ...rest] = line.replaceAll(base, '@').split('|')
      const content = type === 'f' ? shown(readFileSync(join(base, path))) : ''
      // A directory's number of names says how many are in it.
      const meta = type === 'd' ? rest.with(3, '') : rest
      return [path.replace(/\.\d+\.[-\d]+@[:\d]+~$/, '.BACKUP~'), type, ...meta, content].join('|')
    })
    .toSorted()
}

const shown = (bytes: Buffer): string => {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? JSON.stringify(text) : createHash('sha1').update(bytes).digest('hex')
}
