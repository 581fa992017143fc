import type {Topology} from '../../lab/index.ts'
import {onHost} from './site.ts'

/** Of the far ends, on the standard lab's upstream: what lies behind both tunnels, and where their packets go to. */
export const behind = '10.20.0.1'
const endpoint = '203.0.113.10'

const packages = 'DEBIAN_FRONTEND=noninteractive apt-get -q -y install wireguard-tools wireguard-go openvpn >/dev/null'
const unit = (name: string, service: string): string => `cat >/etc/systemd/system/by-hand-${name}.service <<'END'
[Unit]
After=network.target
StartLimitIntervalSec=0
[Service]
${service}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
END
`

/**
 * WireGuard in user space, as this kernel may have none. The device ends with its unit, which tries until it gets one of the machine's few
 * inotify instances.
 */
const wireguard = (address: string, peer: string): string => `${unit(
  'wg0',
  `Environment=WG_PROCESS_FOREGROUND=1
ExecStart=/usr/bin/wireguard-go -f wg0
ExecStartPost=/bin/sh -c 'for n in 1 2 3 4 5 6 7 8 9; do ! wg setconf wg0 /etc/by-hand/wg0 2>/dev/null || break; sleep 0.1; done; ip address add ${address} dev wg0 && ip link set wg0 mtu 1420 up'`,
)}cat >/etc/by-hand/wg0 <<END
[Interface]
PrivateKey = $(cat /etc/by-hand/wg0.key)
ListenPort = 51820
[Peer]
AllowedIPs = 0.0.0.0/0
PersistentKeepalive = 5
${peer}
END
`

/** OpenVPN between two points; each knows the other's certificate by its fingerprint. */
const openvpn = (own: string, peer: string, rest: string): string => `${unit(
  'tun0',
  'ExecStart=/usr/sbin/openvpn --config /etc/by-hand/tun0',
)}cat >/etc/by-hand/tun0 <<END
dev tun0
dev-type tun
proto udp
ifconfig ${own} ${peer}
tun-mtu 1400
dh none
cert /etc/by-hand/tun0.crt
key /etc/by-hand/tun0.pem
peer-fingerprint $(cat /etc/by-hand/tun0.peer)
ping 3
ping-restart 9
${rest}
END
`

const keys = `mkdir -p /etc/by-hand; cd /etc/by-hand; umask 077
[ -e wg0.key ] || wg genkey >wg0.key
[ -e tun0.crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$(hostname)" -keyout tun0.pem -out tun0.crt 2>/dev/null
wg pubkey <wg0.key; openssl x509 -in tun0.crt -noout -fingerprint -sha256 | sed 's/.*=//'`

/**
 * Makes two tunnels between a gateway and upstream by hand: wg0 (10.99.1.0/30) and tun0 (10.99.2.0/30). Replies of what lies behind
 * upstream follow the tunnel that a flow came in by last, or the main table.
 */
export const makeTunnels = async (
  topology: Topology,
  gateway: string,
  {returns = 'by flow'}: {returns?: 'by flow' | 'by main'} = {},
): Promise<void> => {
  const ends = [gateway, 'upstream'] as const
  await onHost(topology, gateway, packages, 240_000)
  const [mine = [], theirs = []] = await Promise.all(
    ends.map(async host => (await onHost(topology, host, keys)).trim().split('\n')),
  )
  const write = (host: string, fingerprint = '', ...scripts: string[]): Promise<string> =>
    onHost(
      topology,
      host,
      `echo ${fingerprint} >/etc/by-hand/tun0.peer\n${scripts.join('')}systemctl daemon-reload; systemctl enable -q by-hand-wg0 by-hand-tun0; systemctl start --no-block by-hand-wg0 by-hand-tun0`,
    )
  await write(
    'upstream',
    mine[1],
    wireguard('10.99.1.1/30', `PublicKey = ${mine[0]}`),
    openvpn('10.99.2.1', '10.99.2.2', `local ${endpoint}\ntls-server`),
    `ip address replace ${behind}/32 dev lo\n`,
    returns === 'by flow' ? returnPaths : '',
  )
  await write(
    gateway,
    theirs[1],
    wireguard('10.99.1.2/30', `PublicKey = ${theirs[0]}\nEndpoint = ${endpoint}:51820`),
    openvpn(
      '10.99.2.2',
      '10.99.2.1',
      `remote ${endpoint}\nnobind\nbind-dev wan-b\npersist-tun\nconnect-retry 1 2\ntls-client`,
    ),
  )
}

const returnPaths = `for way in '1 wg0' '2 tun0'; do
set -- $way
ip rule delete fwmark $1 2>/dev/null; ip rule add fwmark $1 lookup 20$1 priority 20$1
done
# What is to be led elsewhere needs a route to begin with; this one leads to nobody.
ip route replace 10.10.0.0/24 via 192.0.2.99
cat >/etc/by-hand/routes <<'END'
until ip route replace default dev wg0 table 201 2>/dev/null; do sleep 0.1; done
until ip route replace default dev tun0 table 202 2>/dev/null; do sleep 0.1; done
END
systemd-run -q --unit=by-hand-routes-$$ sh /etc/by-hand/routes
nft -f - <<'END'
add table inet ways
flush table inet ways
table inet ways {
  chain come { type filter hook prerouting priority mangle;
    ct direction original iifname "wg0" ct mark set 1
    ct direction original iifname "tun0" ct mark set 2
  }
  chain answer { type route hook output priority mangle;
    ct direction reply ct mark != 0 meta mark set ct mark
  }
}
END
`

/** Takes away at upstream what `makeTunnels` put there. */
export const removeTunnels = async (topology: Topology): Promise<void> => {
  await onHost(
    topology,
    'upstream',
    `systemctl disable -q --now by-hand-wg0 by-hand-tun0; rm -rf /etc/by-hand /etc/systemd/system/by-hand-*
nft delete table inet ways; ip rule delete priority 201; ip rule delete priority 202; ip address delete ${behind}/32 dev lo; ip route delete 10.10.0.0/24; :`,
  )
}
