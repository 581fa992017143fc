/** Splits hosts into batches of the sizes given; the last size repeats. No sizes: one batch. */
export const batchesOf = (hosts: readonly string[], sizes: readonly number[]): string[][] => {
  const batches: string[][] = []
  for (let from = 0, index = 0; from < hosts.length; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? hosts.length
    batches.push(hosts.slice(from, from + Math.max(1, size)))
    from += Math.max(1, size)
  }
  return batches
}
