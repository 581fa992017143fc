#!/bin/sh
# Builds the Vagrant box debian/bookworm64 for libvirt from the lab's base image, whose apt repository it keeps:
#   TARGET        directory to make, with the file debian-bookworm64.box
#   BASE          root directory of the lab's base image
#   SOURCES       file with the machine's own Debian sources; APT_OPTIONS its settings for fetching: both while building only
#   PACKAGES      what a machine has besides: a kernel and what starts it
#   FILES         tree that is laid over the root
#   VAGRANT_KEY   public key of Vagrant's own way in
#   VAGRANTFILE   settings of the box
# The disk has no partitions: ext4, started by extlinux. Everything is mounted in a namespace of its own (see box.ts).
set -eu
scratch=$TARGET.scratch
root=$scratch/root
trap 'umount "$scratch/disk" "$root/proc" "$root" 2>/dev/null || true; rm -rf "$scratch"' EXIT
mkdir -p "$TARGET" "$scratch/upper" "$scratch/work" "$scratch/disk" "$root"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$scratch/upper,workdir=$scratch/work,volatile" "$root"
mount -t proc proc "$root/proc"

# Before the kernel comes, whose hook makes the initial RAM disk.
mkdir -p "$root/etc/initramfs-tools/conf.d"
printf 'MODULES=list\nCOMPRESS=zstd\nBUSYBOX=n\nFSTYPE=ext4\n' > "$root/etc/initramfs-tools/conf.d/box"
printf 'virtio_pci\nvirtio_blk\next4\n' > "$root/etc/initramfs-tools/modules"
echo '/dev/vda / ext4 rw,noatime 0 0' > "$root/etc/fstab"

cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$SOURCES" "$root/tmp/sources.list"
cp "$APT_OPTIONS" "$root/tmp/apt.conf"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
apt() {
  chroot "$root" env APT_CONFIG=/tmp/apt.conf apt-get -qq -o Dir::Etc::SourceList=/tmp/sources.list \
    -o Dir::Etc::SourceParts=/dev/null -o Dpkg::Options::=--force-confold "$@"
}
apt update
# shellcheck disable=SC2086
apt install --yes --no-install-recommends $PACKAGES
chroot "$root" apt-get clean
rm -rf "$root/usr/sbin/policy-rc.d" "$root/tmp/sources.list" "$root/tmp/apt.conf" "$root"/var/lib/apt/lists/*
chroot "$root" apt-get update -qq
: > "$root/etc/resolv.conf"

# What belongs to hosts that share the machine's kernel and clock.
rm -rf "$root/usr/lib/systemd/system/chrony.service.d/gatewright-lab.conf"
cp -R "$FILES/." "$root/"
chroot "$root" useradd --create-home --shell /bin/bash --password '*' vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/vagrant"
chmod 0440 "$root/etc/sudoers.d/vagrant"
install -d -m 0700 "$root/home/vagrant/.ssh"
install -m 0600 "$VAGRANT_KEY" "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant/.ssh
chroot "$root" ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
: > "$root/etc/machine-id"
echo bookworm > "$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\tbookworm\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
chroot "$root" systemctl enable -q systemd-networkd.service
chroot "$root" systemctl mask -q systemd-networkd-wait-online.service e2scrub_reap.service systemd-update-utmp.service \
  getty@tty1.service serial-getty@ttyS0.service

# QEMU translates a program anew wherever else it lies in memory: without norandmaps each start of one takes three times as long.
speed='norandmaps no5lvl mitigations=off init_on_alloc=0 tsc=reliable no_timer_check cryptomgr.notests random.trust_cpu=on'
kernel=$(basename "$(ls "$root"/boot/vmlinuz-*)")
mkdir -p "$root/boot/extlinux"
cat > "$root/boot/extlinux/extlinux.conf" <<CONF
DEFAULT debian
PROMPT 0
LABEL debian
  LINUX /boot/$kernel
  INITRD /boot/initrd.img-${kernel#vmlinuz-}
  APPEND root=/dev/vda rootfstype=ext4 ro console=ttyS0,115200 net.ifnames=0 $speed quiet
CONF
umount "$root/proc"

truncate -s 6G "$scratch/disk.raw"
mkfs.ext4 -q -O '^64bit,^metadata_csum' -m 0 "$scratch/disk.raw"
mount -o loop "$scratch/disk.raw" "$scratch/disk"
# Without extended attributes ping would lose its capability.
tar -C "$root" --xattrs --xattrs-include='*' -c . | tar -C "$scratch/disk" --xattrs --xattrs-include='*' -x
extlinux --install "$scratch/disk/boot/extlinux" >/dev/null 2>&1
umount "$scratch/disk"
qemu-img convert -O qcow2 "$scratch/disk.raw" "$scratch/box.img"
echo '{"provider": "libvirt", "format": "qcow2", "virtual_size": 6}' > "$scratch/metadata.json"
cp "$VAGRANTFILE" "$scratch/Vagrantfile"
tar -C "$scratch" -c metadata.json Vagrantfile box.img | gzip -1 > "$TARGET/debian-bookworm64.box"
