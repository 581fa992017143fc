import {$, type Command, raw} from '../shell/command.ts'

export const nftDirectory = '/etc/gatewright/nft'
export const nftFile = (name: string): string => `${nftDirectory}/${name}.nft`

/** How the kernel showed a table right after we loaded it: `boot-id sha256-of-the-file`, then the listing. */
const recordDirectory = '/var/lib/gatewright/nft'
export const nftRecord = (name: string): string => `${recordDirectory}/${name}`

/** Rules and sets, without counters and without what sets hold: that changes by itself. */
export const nftListing = (family: string, name: string): Command =>
  $`nft --stateless --terse list table ${family} ${name}`

/** Shell function `load FAMILY NAME FILE`: loads a table as one transaction and records how the kernel shows it. */
const load = raw(`load() (
umask 077
mkdir -p ${recordDirectory} && nft -f "$3" || exit
read -r boot </proc/sys/kernel/random/boot_id
digest=$(sha256sum <"$3") || exit
{ echo "$boot \${digest%% *}" && nft --stateless --terse list table "$1" "$2"; } >"${recordDirectory}/.$2.new" &&
mv -f "${recordDirectory}/.$2.new" "${recordDirectory}/$2"
)`)

export const nftLoad = (family: string, name: string): Command => $`${load}
load ${family} ${name} ${nftFile(name)}`

/** What the unit runs at boot. One table that cannot be loaded does not keep the others out. */
export const nftLoadAll = `#!/bin/sh
# Loads every table of ${nftDirectory}, each as a transaction of its own. Written by gatewright.
${load.text}
code=0
for file in ${nftDirectory}/*.nft; do
  [ -e "$file" ] || continue
  name=\${file##*/} name=\${name%.nft}
  family=$(sed -n 's/^delete table \\([a-z0-9]*\\) .*/\\1/p;/^delete/q' "$file")
  load "$family" "$name" "$file" || { echo "cannot load $file" >&2; code=1; }
done
exit "$code"
`
