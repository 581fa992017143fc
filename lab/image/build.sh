#!/bin/sh
# Builds the base image of lab hosts: a Debian root directory with a local apt repository inside.
#   TARGET        directory to make (a *.partial name; the caller renames it when everything went well)
#   SOURCES       file with the machine's own Debian sources (one-line style), used while building only
#   APT_OPTIONS   file with the machine's own apt settings that fetching needs (proxy, validity checks)
#   INCLUDE       packages that every host has, comma separated
#   REPOSITORY    packages that roles install later, space separated; their dependencies are found here
#   FILES         tree that is laid over the root
# It runs in a pid and mount namespace of its own (see image.ts), so an interrupted build leaves no process or mount.
set -eu
hook=$(mktemp -d)
trap 'rm -rf "$hook"' EXIT

cat > "$hook/customize" <<'HOOK'
#!/bin/sh
set -eu
root=$1
repository=$root/opt/gatewright-lab/repository
mkdir -p "$repository"
echo 'gatewright-lab: downloading the packages of the roles'
# One transaction over the installed base: apt's own resolver says which dependencies a fresh host lacks.
chroot "$root" apt-get install --yes --no-install-recommends --download-only $REPOSITORY >/dev/null
find "$root/var/cache/apt/archives" -name '*.deb' -exec mv {} "$repository" \;
(cd "$repository" && apt-ftparchive packages . > Packages)
rm -rf "$root/etc/apt/sources.list.d" "$root/var/lib/apt/lists"
mkdir -p "$root/etc/apt/sources.list.d" "$root/var/lib/apt/lists/partial"
cp -R "$FILES/." "$root/"
chmod 0440 "$root/etc/sudoers.d/operator"
chroot "$root" apt-get update -qq

# Debian has a group operator (gid 37) already.
chroot "$root" useradd --create-home --shell /bin/bash --uid 1000 --gid operator --groups sudo --password '*' operator
# A key of the image would be one key for all hosts; each gets its own from the control side.
rm -f "$root"/etc/ssh/ssh_host_*
# Disabled, not masked: a role may still enable them.
chroot "$root" systemctl disable -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer getty@tty1.service 2>/dev/null || true
# These belong to the lab's console, which is a pipe.
chroot "$root" systemctl mask -q console-getty.service systemd-firstboot.service 2>/dev/null || true
: > "$root/etc/resolv.conf"
rm -rf "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/log/*.log "$root"/var/log/apt/*
HOOK
chmod +x "$hook/customize"
export REPOSITORY FILES

mmdebstrap --mode=root --variant=minbase --format=directory --include="$INCLUDE" \
  --aptopt="$APT_OPTIONS" --customize-hook="$hook/customize" \
  --skip=cleanup/apt,cleanup/reproducible bookworm "$TARGET" "$SOURCES"
