import {readdirSync, readFileSync, rmSync} from 'node:fs'
import {basename, join} from 'node:path'
import {ensureBuilt, inJail, withDebianSources} from '../../lab/build-root.ts'
import {subdirectories} from '../../lab/directories.ts'
import {ensureBaseImage} from '../../lab/image.ts'
import {digest, imageCache} from '../../lab/names.ts'
import {rolePackages} from '../../lab/packages.ts'
import {must} from '../../lab/run.ts'
import type {Topology} from '../../lab/topology.ts'

const recipe = join(import.meta.dirname, 'box')
/** A kernel with WireGuard, VLANs and netem, and what starts it. */
const kernelPackages = ['linux-image-cloud-amd64', 'initramfs-tools', 'udev', 'zstd']

/**
 * The file of the box, built where it is absent: the lab's base image, with its apt repository of all that roles install, a
 * kernel of its own, what the scenery needs, and Vagrant's account.
 */
export async function ensureBox(topology: Topology, log: (line: string) => void): Promise<string> {
  const base = await ensureBaseImage(topology, log)
  const packages = [...kernelPackages, ...(await sceneryPackages(topology, log))]
  const files = readdirSync(recipe, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  const target = join(imageCache, `vagrant-${digest([base, ...packages, ...files.toSorted()].join('\n')).slice(0, 16)}`)
  // Machines stand on a copy in libvirt's pool.
  for (const old of subdirectories(imageCache))
    if (basename(old).startsWith('vagrant-') && old !== target) rmSync(old, {recursive: true})
  await ensureBuilt(target, log, 'Vagrant box', partial =>
    withDebianSources(async ({sources, aptOptions}) => {
      const env = {
        TARGET: partial,
        BASE: base,
        SOURCES: sources,
        APT_OPTIONS: aptOptions,
        PACKAGES: packages.join(' '),
        FILES: join(recipe, 'files'),
        VAGRANT_KEY: await vagrantKey(),
        VAGRANTFILE: join(recipe, 'Vagrantfile'),
        DEBIAN_FRONTEND: 'noninteractive',
        LC_ALL: 'C',
      }
      await must(inJail(['sh', join(recipe, 'build.sh')]), {env})
    }),
  )
  return join(target, 'debian-bookworm64.box')
}

/** What the topology's hosts have beforehand and no role would install: that is quicker done here than in each machine. */
async function sceneryPackages(topology: Topology, log: (line: string) => void): Promise<string[]> {
  const installedByRoles = new Set(await rolePackages(log))
  const wanted = new Set(Object.values(topology.hosts).flatMap(({packages}) => packages))
  return [...wanted].filter(name => !installedByRoles.has(name)).toSorted()
}

/** The well-known public key with which Vagrant enters every box for the first time. */
async function vagrantKey(): Promise<string> {
  const script = "print File.join(Gem::Specification.find_by_name('vagrant').full_gem_path, 'keys', 'vagrant.pub')"
  return must(['ruby', '-e', script])
}
