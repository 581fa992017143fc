/** Runs `work` over all items, at most `limit` at a time, results in order. */
export const limitConcurrency = async <Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({length: Math.min(limit, items.length)}, worker))
  return results
}
