import {quote} from '../shell/quote.ts'
import {fileNameOf} from './state-directory.ts'

/*
 * On the host, below /var/lib/gatewright/rollback/<run>, for root alone: `files/N` the former files, `N/` what else was
 * kept, `boot` the boot in which it was armed, `what` the changes, `rollback` the script; `armed`, `rolling`, `confirmed`:
 * its state, which only renaming changes, so that of confirmation and rollback one wins.
 */

const state = '/var/lib/gatewright'

/** Shell text that sets where a run keeps its rollback. */
export const place = (runId: string): string =>
  `gw=${state} run=${quote(fileNameOf(runId))} u=/etc/systemd/system; r=$gw/rollback/$run outcome=$gw/journal/$run/rollback`

export const wants = '$u/sysinit.target.wants'

/** Shell function that removes every trace of it, the outcome apart. */
export const clear = `clear() {
  systemctl stop gatewright-rollback.timer 2>/dev/null
  rm -f "${wants}/gatewright-rollback.service" "$u/gatewright-rollback.service" "$u/gatewright-rollback.timer"
  [ ! -e "$r/made-wants" ] || rmdir "${wants}" 2>/dev/null
  rm -rf "$r"
  rmdir "$gw/rollback" 2>/dev/null
  :
}`

/** Started by the timer or, before anything reads what it puts back, by the next boot. */
export const service = (runId: string): string => `# Written by gatewright.
[Unit]
Description=Takes back a change of gatewright that nobody confirmed
DefaultDependencies=no
RequiresMountsFor=${state} /etc /usr
After=local-fs.target
Wants=network-pre.target
Before=systemd-sysctl.service nftables.service gatewright-nft.service
Before=network-pre.target sysinit.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${state}/rollback/${fileNameOf(runId)}/rollback
`

export const timer = (seconds: number): string => `# Written by gatewright.
[Unit]
Description=Takes back a change of gatewright unless it is confirmed

[Timer]
OnActiveSec=${seconds}
AccuracySec=100ms
`
