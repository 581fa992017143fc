import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {must} from './run.ts'
import {LabUsageError} from './topology.ts'

/** Release that lab hosts run, whatever this machine runs. */
export const labRelease = 'bookworm'

interface Source {
  uris: string[]
  suites: string[]
  components: string[]
}

/**
 * Lines of a sources.list for the lab's release, made from the mirrors that this machine itself uses.
 * @throws LabUsageError when the machine has no Debian source
 */
export function debianSources(directory = '/etc/apt'): string[] {
  const own = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? labRelease
  const lines = sourceFiles(directory)
    .flatMap(file =>
      file.endsWith('.sources') ? deb822(readFileSync(file, 'utf8')) : oneLine(readFileSync(file, 'utf8')),
    )
    .flatMap(({uris, suites, components}) =>
      suites
        .filter(
          suite =>
            components.includes('main') && (suite === own || /^-(updates|security)$/.test(suite.replace(own, ''))),
        )
        .flatMap(suite => uris.map(uri => `deb ${uri} ${suite.replace(own, labRelease)} main`)),
    )
  if (lines.length === 0)
    throw new LabUsageError(
      `the lab cannot build its image here: ${directory} names no Debian mirror (main, ${own}); it needs a Debian machine`,
    )
  return [...new Set(lines)]
}

/** The machine's own settings for fetching (proxy, validity of dates), for apt inside the image. */
export async function aptOptions(): Promise<string> {
  const dump = await must(['apt-config', 'dump'])
  return dump
    .split('\n')
    .filter(line => /^Acquire::(https?|Check|Retries)/.test(line) && !line.endsWith('"";'))
    .join('\n')
}

function sourceFiles(directory: string): string[] {
  const all = [`${directory}/sources.list`, ...filesIn(`${directory}/sources.list.d`)]
  return all.filter(file => /\.(list|sources)$/.test(file) && existsSync(file))
}

function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map(name => `${directory}/${name}`) : []
}

function deb822(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap(stanza => {
    const field = (name: string) =>
      (new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '').split(/\s+/).filter(Boolean)
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return []
    return [{uris: field('URIs'), suites: field('Suites'), components: field('Components')}]
  })
}

function oneLine(text: string): Source[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line)
    if (!match) return []
    const [, uri = '', suite = '', components = ''] = match
    return [{uris: [uri], suites: [suite], components: components.trim().split(/\s+/)}]
  })
}
