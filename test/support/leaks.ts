/** A text in no dictionary, with what shells, JSON, XML and URLs escape around it. */
export const core = 'Xk7mQ2vRb9TzLw4n'
export const secret = `pa'"<${core}&é $x\\`

const pieces = Array.from({length: core.length - 9}, (_, start) => core.slice(start, start + 10).toLowerCase())
const holds = (text: string): boolean => pieces.some(piece => text.toLowerCase().includes(piece))

/** Where ten characters in a row of the secret can be read out of a text: as they are, from base64 or hexadecimal digits. */
export const leaksIn = (text: string): readonly string[] => {
  if (holds(text)) return [`plain: ${text.slice(0, 400)}`]
  const runs = text.replaceAll(/\\+[rn]|\r?\n[ \t]*/g, '').match(/[\w+/-]{12,}/g) ?? []
  return runs.flatMap(run => {
    const standard = run.replaceAll('-', '+').replaceAll('_', '/')
    const found = [0, 1, 2, 3].some(offset => holds(Buffer.from(standard.slice(offset), 'base64').toString('latin1')))
    const digits = run.match(/[0-9a-fA-F]{20,}/g) ?? []
    const inHex = digits.some(hex =>
      [0, 1].some(offset => holds(Buffer.from(hex.slice(offset), 'hex').toString('latin1'))),
    )
    return found || inHex ? [`encoded: ${run.slice(0, 200)}`] : []
  })
}
