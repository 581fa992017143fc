import {BlockList, isIP} from 'node:net'

/** Whether `address` lies in the subnet of `interfaceAddress`, such as `10.10.0.2/24`. False for what is no address. */
export const contains = (interfaceAddress: string, address: string): boolean => {
  const [base = '', length = ''] = interfaceAddress.split('/')
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
  const bits = Number(length)
  if (
    !isIP(base) ||
    isIP(address) !== isIP(base) ||
    length === '' ||
    !(bits >= 0 && bits <= (family === 'ipv4' ? 32 : 128))
  )
    return false
  const subnet = new BlockList()
  subnet.addSubnet(base, bits, family)
  return subnet.check(address, family)
}
