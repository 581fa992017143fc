import {$, directory, file, fileset, handler, type Resource, service} from 'gatewright'
import {revokedKeysFile, sshdConf, sshdConfFile, sshUnit, userAuthoritiesFile} from '../templates/sshd-conf.ts'
import type {SshdView} from '../view/sshd.ts'

const keyFile = (path: string, keys: readonly string[]) =>
  keys.length === 0 ? [] : [{path, content: keys.map(key => `${key.trim()}\n`).join(''), mode: '0644'}]

/** The first group is made before sshd lets in its members only. */
export const sshdResources = (view: SshdView): readonly Resource[] => [
  directory({path: '/etc/systemd/system/ssh.service.d'}),
  file({path: '/etc/systemd/system/ssh.service.d/gatewright.conf', content: sshUnit}),
  fileset({
    name: 'sshd',
    files: [
      {path: sshdConfFile, content: sshdConf(view), mode: '0600'},
      ...keyFile(userAuthoritiesFile, view.userAuthorities),
      ...keyFile(revokedKeysFile, view.revokedKeys),
    ],
    check: $`sshd -t`,
    confirm: $`systemctl reload ssh`,
    notify: [handler(service.reload('ssh'))],
  }),
  service({name: 'ssh', enabled: true, running: true}),
]
