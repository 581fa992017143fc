import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

/** Installed Debian packages: name -> version. Empty where there is no dpkg. */
export const packages: Fact<Readonly<Record<string, string>>> = {
  name: 'packages',
  command: $`command -v dpkg-query >/dev/null || exit 0; dpkg-query -W -f='\${db:Status-Status} \${Package} \${Version}\\n'`,
  parse: answer =>
    Object.fromEntries(
      linesOf('packages', answer)
        .map(line => line.split(' '))
        .filter(([status]) => status === 'installed')
        .map(([, name = '', version = '']) => [name, version]),
    ),
}

export type PackageVersion = {
  readonly installed?: string
  /** What apt would install. Asked only when nothing is installed: an installed version is never changed. */
  readonly candidate?: string
}

/** The version that decides on the content of configuration: the installed one, else what apt would install. */
export const packageVersion = (name: string): Fact<PackageVersion> => ({
  name: `package version ${name}`,
  // Its cache is taken as it is while it is newer than the lists; else apt works in memory (1 s). Neither writes.
  command: $`
v=$(dpkg-query -W -f='\${db:Status-Status} \${Version}' -- ${name} 2>/dev/null)
case $v in 'installed '*) echo "installed=\${v#* }" ;;
*) command -v apt-cache >/dev/null || exit 0
c=/var/cache/apt/pkgcache.bin
if [ "$c" -nt /var/lib/apt/lists ] && [ "$c" -nt /etc/apt/sources.list.d ]; then set -- -o pkgCacheFile::Generate=false
else set -- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
fi
LC_ALL=C apt-cache "$@" policy -- ${name} | sed -n 's/^  Candidate: /candidate=/p' ;;
esac
exit 0`,
  parse(answer) {
    const line = linesOf(name, answer)[0] ?? ''
    const [word, version] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]
    return version === '' || version === '(none)' ? {} : {[word]: version}
  },
})
