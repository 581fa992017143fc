import {contains, networkOf} from 'gatewright'
import {isSix} from './vars.ts'

/** `10.80.0.0/24` of `10.80.0.7/24`; an address alone is a network of its own. */
export const canonical = (network: string): string => {
  const whole = network.includes('/') ? network : `${network}/${isSix(network) ? 128 : 32}`
  return networkOf(whole) ?? whole
}

/** `255.255.255.0` of `10.80.0.0/24`. */
export const maskOf = (network: string): string => {
  const length = Number(canonical(network).split('/')[1])
  const bits = (0xffffffff << (32 - length)) >>> 0
  return [24, 16, 8, 0].map(shift => (length === 0 ? 0 : (bits >>> shift) & 0xff)).join('.')
}

export const addressOf = (network: string): string => canonical(network).split('/')[0] ?? network

const nthOf = (network: string, n: number): string =>
  addressOf(network).replace(isSix(network) ? /[0-9a-f]*$/ : /\d+$/, last =>
    (Number.parseInt(last || '0', isSix(network) ? 16 : 10) + n).toString(isSix(network) ? 16 : 10),
  )

/** The first address of a network, which a server gives itself. */
export const firstOf = (network: string): string => nthOf(network, 1)
export const secondOf = (network: string): string => nthOf(network, 2)

/** Whether an address can be given to a client: inside, neither the network's nor the broadcast nor the server's own. */
export const isForClient = (network: string, address: string): boolean => {
  if (!contains(canonical(network), address) || address === addressOf(network) || address === firstOf(network))
    return false
  const mask = isSix(network) ? undefined : numberOf(maskOf(network))
  return mask === undefined || (numberOf(address) | mask) >>> 0 !== 0xffffffff
}

const numberOf = (address: string): number => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
