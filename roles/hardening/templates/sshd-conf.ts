import type {SshdView} from '../view/sshd.ts'

export const sshdConfFile = '/etc/ssh/sshd_config.d/00-gatewright.conf'
export const userAuthoritiesFile = '/etc/ssh/gatewright-user-ca.pub'
export const revokedKeysFile = '/etc/ssh/gatewright-revoked-keys'

// What OpenSSH 8.4 (Debian 11) to 10 have in common, the best first; no SHA-1, no CBC, no NIST curve for key exchange.
const algorithms = `\
KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512
Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com
`

/** A drop-in that is read first: sshd takes the first value that it finds (sshd_config(5)). */
export const sshdConf = (view: SshdView): string => `\
# Made by gatewright (role hardening).
Port ${view.port}
${view.listen.map(address => `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${view.port}\n`).join('')}\
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
HostbasedAuthentication no
PermitRootLogin ${view.rootLogin}
AllowGroups ${view.allowGroups.join(' ')}
${view.userAuthorities.length === 0 ? '' : `TrustedUserCAKeys ${userAuthoritiesFile}\n`}\
${view.revokedKeys.length === 0 ? '' : `RevokedKeys ${revokedKeysFile}\n`}\
${algorithms}\
LoginGraceTime 30
MaxAuthTries ${view.maxAuthTries}
MaxStartups ${view.maxStartups}
ClientAliveInterval 15
ClientAliveCountMax 4
AllowTcpForwarding ${view.forwarding}
AllowAgentForwarding no
AllowStreamLocalForwarding no
GatewayPorts no
PermitTunnel no
X11Forwarding no
PermitUserEnvironment no
LogLevel VERBOSE
UseDNS no
`

export const sshUnit = `\
# Made by gatewright (role hardening).
[Unit]
# The addresses that sshd listens on have to be there.
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
# Debian's unit gives up for good when an address is late (exit code 255): that would lock everybody out.
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=
`
