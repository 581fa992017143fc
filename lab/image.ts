import {readdirSync, readFileSync, rmSync, statSync, utimesSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {ensureBuilt, inJail, withDebianSources} from './build-root.ts'
import {labRelease} from './debian-sources.ts'
import {isLayerInUse, type Layers} from './disk.ts'
import {digest, imageCache} from './names.ts'
import {basePackages, repositoryPackages} from './packages.ts'
import {must} from './run.ts'
import type {Topology} from './topology.ts'

type Log = (line: string) => void

const recipe = join(import.meta.dirname, 'image')
const keptImages = 2

/** The base image of all hosts, with what roles and topology install in its apt repository; built where it is absent. */
export async function ensureBaseImage(topology: Topology, log: Log): Promise<string> {
  const ofTopology = Object.values(topology.hosts).flatMap(({packages}) => packages)
  const repository = await repositoryPackages(ofTopology, log)
  const base = join(imageCache, imageKey(repository))
  const root = join(base, 'root')
  await ensureBuilt(root, log, `base image, ${repository.length} packages ready to install`, partial =>
    buildBase(partial, repository),
  )
  utimesSync(base, new Date(), new Date())
  return root
}

/**
 * The layers that each host of the topology stands on, built where they are absent: the base image of all, and for
 * hosts that declare packages a layer with these installed.
 */
export async function ensureImage(topology: Topology, log: Log): Promise<Record<string, Layers>> {
  const root = await ensureBaseImage(topology, log)
  const base = dirname(root)
  const layers: Record<string, Layers> = {}
  for (const [host, {packages}] of Object.entries(topology.hosts)) {
    layers[host] = {base: root}
    if (packages.length === 0) continue
    const layer = join(base, `packages-${digest(packages.toSorted().join(' ')).slice(0, 12)}`)
    await ensureBuilt(layer, log, `layer with ${packages.join(', ')}`, partial => buildLayer(partial, root, packages))
    layers[host].packages = layer
  }
  removeOldImages(base, log)
  return layers
}

/** Changes with the packages and with every byte of the recipe. */
function imageKey(repository: readonly string[]): string {
  const files = readdirSync(recipe, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted()
    .map(file => `${file.slice(recipe.length)}\n${readFileSync(file, 'utf8')}`)
  return digest([labRelease, ...basePackages, ...repository, ...files].join('\n')).slice(0, 16)
}

function buildBase(partial: string, repository: readonly string[]): Promise<void> {
  return withDebianSources(files =>
    build('build.sh', {
      TARGET: partial,
      SOURCES: files.sources,
      APT_OPTIONS: files.aptOptions,
      INCLUDE: basePackages.join(','),
      REPOSITORY: repository.join(' '),
      FILES: join(recipe, 'files'),
    }),
  )
}

function buildLayer(partial: string, base: string, packages: readonly string[]): Promise<void> {
  return build('build-layer.sh', {TARGET: partial, BASE: base, PACKAGES: packages.join(' ')})
}

async function build(script: string, env: Record<string, string>): Promise<void> {
  await must(inJail(['sh', join(recipe, script)]), {env: {...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C'}})
}

/** Old images go when a new one came, except those that a lab stands on. */
function removeOldImages(current: string, log: Log): void {
  const images = readdirSync(imageCache)
    .filter(name => /^[0-9a-f]{16}$/.test(name))
    .map(name => join(imageCache, name))
    .filter(path => path !== current)
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const image of images.slice(keptImages)) {
    if (isLayerInUse(image)) continue
    log(`removing the old image ${image}`)
    rmSync(image, {recursive: true, force: true})
  }
}
