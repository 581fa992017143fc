#!/bin/sh
# Installs packages on top of the base image, into a layer of their own: TARGET from BASE and PACKAGES (see image.ts).
# Their units are left disabled: who sets the host up decides what runs.
set -eu
scratch=$TARGET.scratch
trap 'umount "$scratch/root" 2>/dev/null || true; rm -rf "$scratch"' EXIT
mkdir -p "$TARGET" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$TARGET,workdir=$scratch/work,volatile" "$scratch/root"
root=$scratch/root
wanted() { (cd "$root/etc/systemd/system" && find . -name '*.wants' -prune -exec find {} -type l \; | sort); }
wanted > "$scratch/before"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
# shellcheck disable=SC2086
chroot "$root" apt-get install --yes -qq --no-install-recommends $PACKAGES
rm "$root/usr/sbin/policy-rc.d"
wanted | comm -13 "$scratch/before" - | while read -r link; do rm "$root/etc/systemd/system/$link"; done
rm -rf "$root"/var/log/apt/* "$root"/var/log/*.log
