import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {ensureBuilt, inJail, withDebianSources} from '../../lab/build-root.ts'
import {ensureImage} from '../../lab/image.ts'
import {digest, imageCache} from '../../lab/names.ts'
import {must} from '../../lab/run.ts'
import type {Topology} from '../../lab/topology.ts'

const recipe = join(import.meta.dirname, 'box')
/** A kernel with WireGuard, VLANs and netem, and what starts it. */
const packages = ['linux-image-cloud-amd64', 'initramfs-tools', 'udev', 'zstd']

/**
 * The file of the box, built where it is absent: the lab's base image, with its apt repository of all that roles install, a
 * kernel of its own and Vagrant's account.
 */
export async function ensureBox(topology: Topology, log: (line: string) => void): Promise<string> {
  const base = Object.values(await ensureImage(topology, log))[0]?.base
  if (base === undefined) throw new Error(`${topology.file} has no hosts`)
  const files = readdirSync(recipe, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  const target = join(imageCache, `vagrant-${digest([base, ...packages, ...files.toSorted()].join('\n')).slice(0, 16)}`)
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

/** The well-known public key with which Vagrant enters every box for the first time. */
async function vagrantKey(): Promise<string> {
  const script = "print File.join(Gem::Specification.find_by_name('vagrant').full_gem_path, 'keys', 'vagrant.pub')"
  return must(['ruby', '-e', script])
}
