import {account, filesOf, socketOf} from '../places.ts'
import type {Instance} from '../view.ts'

/**
 * What servers and clients have in common, openvpn(8) of 2.6. Keys are read once, as root; afterwards it is the account's
 * process with CAP_NET_ADMIN alone (libcap-ng).
 */
export const commonConf = (instance: Instance): string => {
  const {side, name, device, ciphers, crl, mtu, pathMtu} = instance
  const files = filesOf(side, name)
  return `dev ${device}
dev-type tun
# In the kernel of Debian 12 it is a module of its own, which answers from the wrong address of several.
disable-dco
ca ${files}/ca.crt
cert ${files}/cert.crt
key ${files}/key.pem
tls-crypt-v2 ${files}/tls-crypt-v2.pem
${crl === undefined ? '' : `crl-verify ${files}/crl.pem\n`}tls-version-min 1.2
tls-cert-profile preferred
data-ciphers ${ciphers.join(':')}
allow-compression no
tun-mtu ${mtu}
mssfix ${pathMtu} mtu
user ${account}
group ${account}
persist-key
persist-tun
management ${socketOf(side, name)} unix
management-client-user root
verb 3
`
}
