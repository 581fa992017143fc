/** `10.10.0.2` of `10.10.0.2/24`. */
export const bare = (address: string): string => address.replace(/\/.*/, '')
export const prefixLength = (address: string): string | undefined => address.split('/')[1]
export const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)

/** The same text for the same address: `FD00:0::1` and `fd00::1`. */
export const canonical = (address: string): string =>
  familyOf(address) === 4 ? bare(address) : new URL(`http://[${bare(address)}]`).hostname.slice(1, -1)

/** `10.10.0.0/24` of `10.10.0.2/24`. */
export const networkOf = (address: string): string => {
  const length = Number(prefixLength(address) ?? (familyOf(address) === 6 ? 128 : 32))
  if (familyOf(address) === 4) {
    const bytes = bare(address).split('.').map(Number)
    const masked = bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))))
    return `${masked.map(byte => byte & 0xff).join('.')}/${length}`
  }
  const groups = wordsOf(address).map(
    (word, index) => word & (0xffff0000 >> Math.min(16, Math.max(0, length - index * 16))),
  )
  const text = groups.map(word => (word & 0xffff).toString(16)).join(':')
  return `${canonical(text)}/${length}`
}

const wordsOf = (address: string): number[] => {
  const [head = '', tail = ''] = canonical(address).split('::')
  const [front, back] = [head, tail].map(part =>
    part
      .split(':')
      .filter(Boolean)
      .map(word => Number.parseInt(word, 16)),
  )
  const [first = [], last = []] = [front, back]
  return [...first, ...Array.from({length: 8 - first.length - last.length}, () => 0), ...last]
}
