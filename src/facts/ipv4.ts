/** The 32 bits of an IPv4 address. */
export const numbersOf = (address: string): number =>
  address.split('.').reduce((all, part) => all * 256 + Number(part), 0)

export const textOf = (bits: number): string => [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.')
