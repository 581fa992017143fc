import {$, type Command, raw} from '../shell/command.ts'

/**
 * Runs `work` with dpkg and apt asking nothing and starting nothing that did not run before.
 *
 * invoke-rc.d(8) and deb-systemd-invoke(1p) ask /usr/sbin/policy-rc.d, which ours answers with 101 (forbidden) for starts
 * and restarts of units that were not active at the outset; stops, and restarts of running daemons after an upgrade, go
 * through to an existing one, which is kept aside and put back, also when the work fails. Should this script be killed, ours
 * stands there without effect: it forbids nothing once its process is gone, and asks the one aside; the next run removes
 * it.
 */
export const underPolicy = (work: Command): Command => $`
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none LC_ALL=C
policy=/usr/sbin/policy-rc.d aside=/usr/sbin/policy-rc.d.before-gatewright
is_ours() { [ -f "$policy" ] && grep -q '^# Temporary, by gatewright' "$policy"; }
restore() {
if is_ours || [ ! -e "$policy" ]; then
if [ -e "$aside" ]; then mv -f "$aside" "$policy"; else rm -f "$policy"; fi
else rm -f "$aside"
fi
rm -f "$policy.gatewright"
}
restore
trap restore EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
if [ -e "$policy" ]; then cp -a "$policy" "$aside" || exit; fi
running=$(systemctl list-units --type=service,socket,timer,path --no-legend --plain --state=active,activating,reloading 2>/dev/null | cut -d ' ' -f 1 | tr '\\n' ' ')
read -r stat </proc/$$/stat; born=\${stat##*) }; born=$(set -- $born; echo "\${20}")
cat >"$policy.gatewright" <<END || exit
#!/bin/sh
# Temporary, by gatewright: packages being installed start nothing.
running=' $running'
END
cat >>"$policy.gatewright" <<END || exit
owner=$$ born=$born aside=$aside
END
cat >>"$policy.gatewright" <<'END' || exit
if read -r stat 2>/dev/null </proc/$owner/stat && set -- "$1" "$2" \${stat##*) } && [ "\${22}" = "$born" ]; then
  case $2 in
  stop | force-stop) ;;
  *) case $running in *" $1 "* | *" $1.service "*) ;; *) exit 101 ;; esac ;;
  esac
fi
[ ! -x "$aside" ] || exec "$aside" "$1" "$2"
exit 0
END
chmod 0755 "$policy.gatewright" && mv -f "$policy.gatewright" "$policy" || exit
${dpkgHelpers}
${work}`

/**
 * `unlocked FILE` waits up to 120 s for other users of dpkg or apt: dpkg itself and `apt-get update` do not wait. Locks
 * are fcntl(2) locks, which /proc/locks lists by inode.
 */
const dpkgHelpers = raw(`
unlocked() {
tries=0
while [ "$tries" -lt 120 ] && inode=$(stat -c %i "$1" 2>/dev/null) && grep -q ":$inode " /proc/locks; do
[ "$tries" -gt 0 ] || echo "waiting for the lock $1"
tries=$((tries + 1)); sleep 1
done
}
apt() {
apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
complete() {
[ -n "$(dpkg --audit)" ] || ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1 || return 0
unlocked /var/lib/dpkg/lock-frontend
dpkg --force-confdef --force-confold --configure -a </dev/null || apt install --fix-broken --no-remove --no-install-recommends
}
refresh() { unlocked /var/lib/apt/lists/lock; apt update; }`)

/** How apt-get(8) is told to work. */
export type AptOptions = {
  /** Recommended packages too; as the host's apt is configured unless said. */
  readonly recommends?: boolean
  readonly defaultRelease?: string
  /** What nothing needs any more goes in the same step. */
  readonly autoremove?: boolean
  /** Fails where anything would have to be removed. */
  readonly noRemove?: boolean
  readonly onlyUpgrade?: boolean
  readonly allowUnauthenticated?: boolean
  readonly allowDowngrade?: boolean
  readonly allowHeld?: boolean
  /** The lists are fetched before, when they are older than so many seconds. */
  readonly listsOlderThanSeconds?: number
}

const flagsOf = (options: AptOptions): readonly string[] => [
  ...(options.recommends === undefined
    ? []
    : [options.recommends ? '--install-recommends' : '--no-install-recommends']),
  ...(options.defaultRelease === undefined ? [] : ['-t', options.defaultRelease]),
  ...(options.autoremove ? ['--auto-remove'] : []),
  ...(options.noRemove ? ['--no-remove'] : []),
  ...(options.onlyUpgrade ? ['--only-upgrade'] : []),
  ...(options.allowUnauthenticated ? ['--allow-unauthenticated'] : []),
  ...(options.allowDowngrade ? ['--allow-downgrades'] : []),
  ...(options.allowHeld ? ['--allow-change-held-packages'] : []),
]

/** Seconds since the lists were fetched, as `age`. */
export const listsAge = raw(`
stamp=/var/lib/apt/periodic/update-success-stamp
[ -e "$stamp" ] || stamp=/var/lib/apt/lists
age=$(($(date +%s) - $(stat -c %Y "$stamp" 2>/dev/null || echo 0)))`)

/**
 * Completes what an interrupted dpkg left, then installs. What cannot be downloaded (an unknown name, a version that the
 * mirror has dropped) is tried once more with fresh lists.
 */
export const installScript = (names: readonly string[], options: AptOptions = {recommends: false}): Command => {
  const flags = flagsOf(options)
  const {listsOlderThanSeconds: seconds} = options
  return underPolicy($`
complete || exit
${
  seconds === undefined
    ? $`:`
    : $`${listsAge}
[ "$age" -le ${seconds} ] || refresh || exit`
}
apt install ${flags} --download-only ${names} || { refresh && apt install ${flags} --download-only ${names}; } || exit
apt install ${flags} ${names}`)
}

/** Configuration files stay, as apt-get(8) remove leaves them, unless they are purged. */
export const removeScript = (
  names: readonly string[],
  {purge, autoremove}: AptOptions & {readonly purge: boolean},
): Command =>
  underPolicy($`
complete || exit
apt remove ${[...(purge ? ['--purge'] : []), ...(autoremove ? ['--auto-remove'] : [])]} ${names}`)

export const markScript = (names: readonly string[]): Command =>
  underPolicy($`
unlocked /var/lib/dpkg/lock-frontend
apt-mark manual -- ${names}`)

/** Fetches the lists. */
export const updateScript: Command = underPolicy($`
refresh`)

/** `apt-get OPERATION` over everything that is installed. */
export const upgradeScript = (operation: readonly string[], options: AptOptions): Command =>
  underPolicy($`
complete || exit
apt ${flagsOf(options)} ${operation}`)
