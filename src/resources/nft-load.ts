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

/** Keeps a table as it is in the kernel, with what its sets hold; nothing where there is no such table. */
export const nftKeep = (family: string, name: string): Command =>
  $`nft list table ${family} ${name} >"$kept/table" 2>/dev/null || rm -f "$kept/table"`

/** As it was kept, else as the former file says: a listing cannot always be loaded. A table that was not there goes. */
export const nftRestore = (family: string, name: string): Command => {
  const [table, file] = [$`table ${family} ${name}`, nftFile(name)]
  return $`gone() { ! nft list ${table} >/dev/null 2>&1 || nft delete ${table}; }
if [ -e "$kept/table" ]; then
{ echo ${table.text}; echo ${`delete ${table.text}`}; cat "$kept/table"; } | nft -f - || nft -f ${file} || gone
else gone; fi`
}

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
