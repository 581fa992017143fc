import type {OfferContext, Secret} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

type Raw = FromSchema<typeof schema>

/** What an instance, or the host for all of its instances, proves itself with. */
export type Credentials = {
  readonly ca?: string
  readonly crl?: string
  readonly cert?: string
  readonly key?: Secret
  readonly tls_crypt_v2?: Secret
}
type WithCredentials<Of> = Omit<Of, keyof Credentials> & Credentials

export type Server = WithCredentials<Raw['servers'][number]>
export type Client = WithCredentials<Raw['clients'][number]>
export type OpenvpnVars = WithCredentials<Omit<Raw, 'servers' | 'clients'>> & {
  readonly servers: readonly Server[]
  readonly clients: readonly Client[]
}
export type Context = OfferContext<OpenvpnVars>

/** Its own, or the host's. */
export const credentialsOf = (vars: OpenvpnVars, instance: Server | Client): Credentials => {
  const one = {...pick(vars), ...pick(instance)}
  return one
}

const pick = ({ca, crl, cert, key, tls_crypt_v2}: Credentials): Credentials => ({
  ...(ca !== undefined && {ca}),
  ...(crl !== undefined && {crl}),
  ...(cert !== undefined && {cert}),
  ...(key !== undefined && {key}),
  ...(tls_crypt_v2 !== undefined && {tls_crypt_v2}),
})

export const isSix = (address: string): boolean => address.includes(':')

/**
 * Bytes that OpenVPN adds to a packet with an AEAD cipher: opcode and peer 4, packet number 4, tag 16 (OpenVPN's
 * doc/doxygen/doc_data_v2.h), with UDP 8, or TCP 20 with its time stamps 12 and a length 2, and IPv4 20 or IPv6 40.
 */
export const overheadOf = (protocol: 'udp' | 'tcp', six: boolean): number =>
  24 + (protocol === 'udp' ? 8 : 34) + (six ? 40 : 20)

/** A name may turn out to be an IPv6 address. */
const mayBeSix = (host: string): boolean => !/^[\d.]+$/.test(host)

export const overheadOfServer = ({protocol, address}: Server): number =>
  overheadOf(protocol, address === undefined || isSix(address))
export const overheadOfClient = ({remotes}: Client): number =>
  Math.max(...remotes.map(({host, protocol}) => overheadOf(protocol, mayBeSix(host))))

/** What fits into the path, or what is wanted. */
export const mtuOf = ({mtu, path_mtu}: Server | Client, overhead: number): number => mtu ?? path_mtu - overhead
