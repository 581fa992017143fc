#!/bin/sh
# Makes a Vagrant machine what the namespace lab's hosts are: accounts, keys, cards named after their links with the
# addresses of the topology file. Root runs it, again and again if need be. From the Vagrantfile:
#   LINKS       one line a card: MAC address, name, addresses     LOOPBACK  addresses on lo
#   ROUTES      one line a route: TO via VIA                      PACKAGES  installed, their services left off
#   FORWARDING  not empty: forward IP packets                 PROVIDERS  frr.conf of a router of providers
#   DOORS       one line a port on which SSH comes in for a host of the lab: PORT ADDRESS:PORT
set -eu
files=/tmp/gatewright-lab

id operator >/dev/null 2>&1 ||
  useradd --create-home --shell /bin/bash --gid operator --groups sudo --password '*' operator
echo 'operator ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/operator
chmod 0440 /etc/sudoers.d/operator
for home in /root /home/operator; do
  mkdir -p "$home/.ssh"
  cp "$files/operator.pub" "$home/.ssh/authorized_keys"
  chmod 0700 "$home/.ssh"
done
chown -R operator:operator /home/operator/.ssh
install -m 0600 "$files/host-key" /etc/ssh/ssh_host_ed25519_key
install -m 0644 "$files/host-key.pub" /etc/ssh/ssh_host_ed25519_key.pub
rm -rf "$files"
printf 'PermitRootLogin prohibit-password\nUseDNS no\n' > /etc/ssh/sshd_config.d/lab.conf
systemctl restart ssh

# To Vagrant's own card only what nothing else leads to. zebra takes the first byte of a metric for the distance of a
# route of the kernel: 250 is more than that of BGP (20, 200).
last_resort=4194304000
printf '[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\nClientIdentifier=mac\nRouteMetric=%s\n' "$last_resort" \
  > /etc/systemd/network/10-lab-eth0.network
mkdir -p /etc/dhcp/dhclient-enter-hooks.d
echo "[ \"\$interface\" != eth0 ] || IF_METRIC=$last_resort" > /etc/dhcp/dhclient-enter-hooks.d/gatewright-lab
if systemctl is-active -q systemd-networkd; then
  networkctl reload
  for _ in $(seq 60); do ip -4 route show default dev eth0 | grep -q "metric $last_resort" && break; sleep 1; done
fi
via=$(ip -4 route show default dev eth0 | sed -n 's/.*via \([^ ]*\).*/\1/p' | head -1)
if [ -n "$via" ]; then
  ip -4 route replace default via "$via" dev eth0 metric "$last_resort" proto dhcp
  while ip -4 route show default dev eth0 | grep -qv "metric $last_resort"; do ip -4 route del default dev eth0; done
fi

# The router of the providers is the way to Debian's mirrors for those who have no other.
[ -z "$FORWARDING" ] || PACKAGES="$PACKAGES nftables"
# shellcheck disable=SC2086
if [ -n "$PACKAGES" ] && ! dpkg -s $PACKAGES >/dev/null 2>&1; then
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
  wanted() { find /etc/systemd/system -path '*.wants/*' -type l | sort; }
  wanted > /run/gatewright-lab.wanted
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $PACKAGES
  rm /usr/sbin/policy-rc.d
  # What runs is up to whoever sets the host up.
  wanted | grep -vxFf /run/gatewright-lab.wanted | xargs -r rm
fi

if [ -n "$PROVIDERS" ]; then
  echo "$PROVIDERS" > /etc/frr/frr.conf
  sed -i 's/^\(bgpd\|bfdd\)=no/\1=yes/' /etc/frr/daemons
  # A slow machine needs longer than watchfrr's 20 s, and bgpd would be left without its configuration.
  grep -q restart-timeout /etc/frr/daemons || echo 'watchfrr_options="--restart-timeout 300"' >> /etc/frr/daemons
  systemctl enable -q frr
  systemctl restart frr
fi

# The same commands at every boot, so that nothing else on the machine needs to know the links.
batch=/etc/gatewright-lab.batch
: > "$batch"
for address in $LOOPBACK; do echo "address replace $address dev lo" >> "$batch"; done
echo "$LINKS" | while read -r mac link addresses; do
  printf '[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n' "$mac" "$link" > "/etc/systemd/network/10-lab-$link.link"
  device=$(ip -o link | grep -i "$mac" | head -1 | cut -d' ' -f2 | tr -d ':')
  if [ "$device" != "$link" ]; then
    ip link set "$device" down
    ip link set "$device" name "$link"
  fi
  echo "link set $link up" >> "$batch"
  for address in $addresses; do
    case $address in *:*) echo "address replace $address dev $link nodad" ;; *) echo "address replace $address brd + dev $link" ;; esac
  done >> "$batch"
done
[ -z "$ROUTES" ] || echo "$ROUTES" | sed 's/^/route replace /' >> "$batch"

# systemd hands connections on; they go over the link that leads to the address.
echo "$DOORS" | while read -r port address; do
  [ -n "$port" ] || continue
  unit=/etc/systemd/system/gatewright-lab-door-$port
  printf '[Socket]\nListenStream=%s\n\n[Install]\nWantedBy=sockets.target\n' "$port" > "$unit.socket"
  printf '[Service]\nExecStart=/lib/systemd/systemd-socket-proxyd %s\n' "$address" > "$unit.service"
  systemctl daemon-reload
  systemctl enable -q --now "${unit##*/}.socket"
done

: > /etc/gatewright-lab.nft
[ -z "$FORWARDING" ] || cat > /etc/gatewright-lab.nft <<'NFT'
table ip gatewright_lab
delete table ip gatewright_lab
table ip gatewright_lab {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "eth0" masquerade
  }
}
NFT
[ -z "$FORWARDING" ] || printf 'net.ipv4.ip_forward=1\nnet.ipv6.conf.all.forwarding=1\n' > /etc/sysctl.d/60-lab.conf
cat > /etc/systemd/system/gatewright-lab-links.service <<'UNIT'
[Unit]
Description=Addresses of the lab's links
After=networking.service systemd-udev-settle.service
Wants=systemd-udev-settle.service
Before=network-online.target ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ip -force -batch /etc/gatewright-lab.batch
ExecStart=/bin/sh -c '[ ! -s /etc/gatewright-lab.nft ] || nft -f /etc/gatewright-lab.nft'

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable -q gatewright-lab-links.service
systemctl restart gatewright-lab-links.service
sysctl -q --system
