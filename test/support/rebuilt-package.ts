import type {Topology} from '../../lab/index.ts'
import {onHost} from './site.ts'

const repository = '/opt/gatewright-lab/repository'

/**
 * The same package with a higher version, in the repository of a host: unpacked, renamed and packed again by dpkg-deb(1), which takes
 * the scripts of the maintainer along. Gives that version.
 */
export const offerNewer = async (topology: Topology, host: string, name: string): Promise<string> => {
  const out = await onHost(
    topology,
    host,
    `set -e
cd ${repository}
deb=$(ls ./${name}_*.deb | head -n 1)
work=$(mktemp -d)
dpkg-deb -R "$deb" "$work/tree"
version=$(sed -n 's/^Version: //p' "$work/tree/DEBIAN/control")+newer1
sed -i "s/^Version: .*/Version: $version/" "$work/tree/DEBIAN/control"
dpkg-deb --root-owner-group -b "$work/tree" ./${name}-newer.deb >/dev/null
{ echo; cat "$work/tree/DEBIAN/control"
echo "Filename: ./${name}-newer.deb"
echo "Size: $(stat -c %s ${name}-newer.deb)"
echo "SHA256: $(sha256sum ${name}-newer.deb | cut -d ' ' -f 1)"; } >>Packages
rm -r "$work"
echo "$version"`,
    120_000,
  )
  return out.trim().split('\n').at(-1) ?? ''
}
