import {glob, readFile} from 'node:fs/promises'
import {dirname, join, relative} from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '..')

/** From high to low: a folder may import from itself and from those below it. */
const layers = [
  'cli',
  'playbook',
  'inventory',
  'preflight',
  'drill',
  'audit',
  'diagnose',
  'planner',
  'executor',
  'transport',
]
/** playbook and inventory stand side by side. */
const level = (folder: string): number => (folder === 'inventory' ? layers.indexOf('playbook') : layers.indexOf(folder))
const pure = ['shell', 'resources', 'facts']

type Import = {file: string; folder: string; target: string; bare: boolean}

const importsOf = async (pattern: string): Promise<Import[]> => {
  const imports: Import[] = []
  for await (const file of glob(pattern, {cwd: root})) {
    const source = await readFile(join(root, file), 'utf8')
    for (const [, specifier = ''] of source.matchAll(
      /(?:^|\n)(?:import|export)[^'"]*?from '([^']+)'|import\('([^']+)'\)/g,
    )) {
      const bare = !specifier.startsWith('.')
      const target = bare ? specifier : relative(root, join(root, dirname(file), specifier))
      imports.push({file, folder: file.split('/')[1] ?? '', target, bare})
    }
  }
  return imports
}
const folderOf = (target: string): string => target.split('/')[1] ?? ''
const shown = ({file, target}: Import): string => `${file} imports ${target}`

test('imports go downwards only', async t => {
  const found = await importsOf('src/**/*.ts')
  t.true(found.length > 100)
  const upwards = found.filter(
    ({folder, target, bare}) =>
      !bare && layers.includes(folder) && layers.includes(folderOf(target)) && level(folderOf(target)) < level(folder),
  )
  t.deepEqual(upwards.map(shown), [])
})

test('shell, resources and facts are pure: they see no layer and do no input or output', async t => {
  const found = (await importsOf('src/**/*.ts')).filter(({folder}) => pure.includes(folder))
  t.deepEqual(found.filter(({target, bare}) => !bare && layers.includes(folderOf(target))).map(shown), [])
  const impure = /^(node:(fs|net|child_process|dgram|http|https|tls|worker_threads)(\/.*)?|ssh2|zx)$/
  t.deepEqual(found.filter(({target}) => impure.test(target)).map(shown), [])
})

test('roles import from gatewright and their own folder only', async t => {
  const found = (await importsOf('roles/**/*.ts')).filter(({file}) => !file.includes('/test/'))
  t.true(found.length > 10)
  const foreign = found.filter(({file, target, bare}) =>
    bare
      ? !['gatewright', 'zx', 'json-schema-to-ts'].includes(target)
      : !target.startsWith(file.split('/').slice(0, 2).join('/')),
  )
  t.deepEqual(foreign.map(shown), [])
})

test('the certificate authority stands apart: it sees no layer, and the command line alone sees it', async t => {
  const found = await importsOf('src/**/*.ts')
  const allowed = ['pki', 'vault', 'shell', 'diagnostic.ts', 'wireguard-key.ts']
  const own = found.filter(({folder}) => folder === 'pki')
  t.true(own.length > 20)
  t.deepEqual(own.filter(({target, bare}) => !bare && !allowed.includes(folderOf(target))).map(shown), [])
  const others = found.filter(({folder}) => folder !== 'pki' && folder !== 'cli')
  t.deepEqual(others.filter(({target, bare}) => !bare && folderOf(target) === 'pki').map(shown), [])
  const library = found.filter(({target}) => target === 'pkijs' || target === 'asn1js')
  t.deepEqual(library.filter(({folder}) => folder !== 'pki').map(shown), [])
})

test('only reporters draw: listr2 and chalk are imported nowhere else in src', async t => {
  const found = (await importsOf('src/**/*.ts')).filter(({target}) => ['listr2', 'chalk'].includes(target))
  t.deepEqual(found.filter(({folder}) => folder !== 'reporters').map(shown), [])
})

test('the repository speaks of the product alone', async t => {
  const found: string[] = []
  for await (const file of glob('{src,lab,roles,test,scripts,docs,playbooks,inventory,bin}/**/*', {
    cwd: root,
    withFileTypes: true,
  })) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    if (path === import.meta.filename) continue
    const text = await readFile(path, 'utf8')
    if (/\.\.\/shared\b|\/work\/|registry\.npmjs|deb\.debian\.org/.test(text)) found.push(relative(root, path))
  }
  t.deepEqual(found, [])
})

test('package-lock.json names no host', async t => {
  t.notRegex(await readFile(join(root, 'package-lock.json'), 'utf8'), /"resolved": "https?:/)
})
