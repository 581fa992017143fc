import {notifyFifo, runDirectory, trackDirectory, type VrrpView} from '../view.ts'

export const tmpfilesPath = '/etc/tmpfiles.d/gatewright-vrrp.conf'
/** Makes what is missing in /run, before keepalived or its follower starts. */
export const tmpfiles = `/usr/bin/systemd-tmpfiles --create ${tmpfilesPath}`

/** tmpfiles.d(5): what is missing at boot gets its first value; `f` and `p` leave alone what is there. */
export const tmpfilesConf = ({
  tracks,
}: Pick<VrrpView, 'tracks'>): string => `# Written by gatewright; changes are overwritten.
d /run/gatewright 0755 root root -
d ${runDirectory} 0755 root root -
d ${trackDirectory} 0755 root root -
p ${notifyFifo} 0600 root root -
${tracks
  .filter(({file}) => file.startsWith('/run/'))
  .map(({file, initial}) => `f ${file} 0644 root root - ${initial}\n`)
  .join('')}`
