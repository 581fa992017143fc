import {directory} from './directory.ts'
import {file} from './file.ts'
import {nftDirectory, nftLoadAll} from './nft-load.ts'
import type {Resource} from './resource.ts'
import {service} from './service.ts'

/** The unit that loads them. */
export const bootUnit = 'gatewright-nft'
const program = '/usr/local/lib/gatewright/nft-load'

// Debian's nftables.service flushes the whole ruleset when it starts: where it is enabled, it comes first.
const unit = `# Written by gatewright.
[Unit]
Description=nftables tables of gatewright
DefaultDependencies=no
RequiresMountsFor=${nftDirectory} ${program} /var/lib/gatewright
After=local-fs.target nftables.service
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program}

[Install]
WantedBy=sysinit.target
`

/** What loads all tables of `nftTable` before the network comes up. A stop of the unit leaves them loaded. */
export const nftAtBoot = (): readonly Resource[] => [
  directory({path: '/etc/gatewright'}),
  directory({path: nftDirectory}),
  directory({path: '/usr/local/lib/gatewright'}),
  file({path: program, content: nftLoadAll, mode: '0755'}),
  file({path: `/etc/systemd/system/${bootUnit}.service`, content: unit}),
  service({name: bootUnit, enabled: true, running: true}),
]
