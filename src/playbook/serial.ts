/** The sizes of the batches: `1`, `30%`, or a list of which the last is repeated. */
export const batchSizes = (
  serial: number | string | readonly (number | string)[] | null | undefined,
  hosts: number,
): readonly number[] => {
  if (serial === undefined || serial === null) return []
  return [serial].flat().map(size => {
    const text = String(size)
    return text.endsWith('%') ? Math.max(1, Math.floor((hosts * Number.parseInt(text, 10)) / 100)) : Number(text)
  })
}
