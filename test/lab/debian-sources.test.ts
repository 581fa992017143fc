import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {debianSources} from '../../lab/debian-sources.ts'

const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm'

const directoryWith = (files: Record<string, string>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-apt-'))
  mkdirSync(join(directory, 'sources.list.d'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

test("the machine's Debian mirrors are taken from both styles, other archives are left out", t => {
  const directory = directoryWith({
    'sources.list': `# deb http://old.example/debian ${codename} main\ndeb [arch=amd64] http://one.example/debian ${codename} main contrib\n`,
    'sources.list.d/debian.sources': `Types: deb\nURIs: http://two.example/debian\nSuites: ${codename} ${codename}-updates\nComponents: main\n\nTypes: deb\nURIs: http://two.example/security\nSuites: ${codename}-security\nComponents: main\nSigned-By: /usr/share/keyrings/x.gpg\n`,
    'sources.list.d/other.list': `deb http://three.example/apt cloud-${codename} main\ndeb http://four.example nodistro main\n`,
    'sources.list.d/ignored.save': `deb http://five.example/debian ${codename} main\n`,
  })
  t.deepEqual(debianSources(directory), [
    'deb http://one.example/debian bookworm main',
    'deb http://two.example/debian bookworm main',
    'deb http://two.example/debian bookworm-updates main',
    'deb http://two.example/security bookworm-security main',
  ])
})

test('a disabled source does not count, and a machine without one is refused', t => {
  const disabled = `Enabled: no\nTypes: deb\nURIs: http://two.example/debian\nSuites: ${codename}\nComponents: main\n`
  const directory = directoryWith({'sources.list.d/debian.sources': disabled})
  t.regex(t.throws(() => debianSources(directory), {name: 'LabUsageError'}).message, /names no Debian mirror/)
})
