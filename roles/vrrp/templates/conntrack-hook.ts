export const conntrackHookPath = '/etc/gatewright/vrrp.d/10-conntrack'

/** Where connections wait in conntrackd: as the example primary-backup.sh of Debian's package does. */
const cached = `master) conntrackd -c && conntrackd -f && conntrackd -R && conntrackd -B ;;
  backup) conntrackd -t && conntrackd -n ;;
  *) conntrackd -t ;;`

/**
 * Where they go straight into the kernel, a new backup must not run \`conntrackd -t\`: it flushes the kernel's table PurgeTimeout
 * seconds later, and with it all that the peer has put there, so that a second take-over would lose every connection. Who is
 * not master forgets its own cache instead: out of it, it would tell the master of the end of connections that have timed out
 * here only, where no packets of them pass, and the master would drop them.
 */
const direct = `master) conntrackd -R && conntrackd -B ;;
  backup) conntrackd -f internal && conntrackd -n ;;
  *) conntrackd -f internal ;;`

/** The hook of conntrackd. A new master learns again what its kernel has, part of which its peer has put there, and sends it. */
export const conntrackHook = (view: {direct: boolean}): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
# In the background, one after the other: the hooks that follow (routes) need not wait for a large table.
{
  flock 9
  case $1 in
  ${view.direct ? direct : cached}
  esac || echo "<3>conntrackd did not do its part of $1"
} 9>/run/gatewright/vrrp/conntrack.lock &
`
