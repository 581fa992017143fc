/** A piece of this many characters betrays a longer secret, wherever its encoding was cut or begins. */
const pieceLength = 20
/** So much of a secret is indexed. */
const indexedBytes = 65_536

/** Base64 at each of the three places that bytes can have inside a longer text; whole characters only. */
const base64Forms = (bytes: Buffer): string[] =>
  [0, 1, 2].flatMap(offset => {
    const all = Buffer.concat([Buffer.alloc(offset), bytes])
    const inner = all.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((all.length * 8) / 6))
    return inner.length < 5 ? [] : [inner]
  })

const piecesOf = (form: string): string[] =>
  Array.from({length: Math.max(1, form.length - pieceLength + 1)}, (_, start) => form.slice(start, start + pieceLength))

/** Encoders break their lines, and the break may be escaped itself. */
const breaks = /\r?\n[ \t]*|(?:\\+r)?\\+n/y
const runs = /[\w+/-](?:\r?\n[ \t]*|(?:\\+r)?\\+n|[\w+/-])+/g

/** The signs of a run without line breaks, and where each stands. */
const signsOf = (run: string): {signs: string; places: readonly number[]} => {
  let signs = ''
  const places: number[] = []
  for (let at = 0; at < run.length; at++) {
    breaks.lastIndex = at
    const broken = breaks.exec(run)
    if (broken) at += broken[0].length - 1
    else {
      signs += run[at]
      places.push(at)
    }
  }
  return {signs, places}
}

/** A function that masks secrets in base64 (also URL-safe) and hexadecimal digits, in lines of any length. */
export const encodedMasker = (secrets: readonly string[], mask: string): ((text: string) => string) => {
  const bytes = secrets.map(secret => Buffer.from(secret).subarray(0, indexedBytes))
  const base64 = new Set(bytes.flatMap(base64Forms).flatMap(piecesOf))
  const hex = new Set(bytes.map(secret => secret.toString('hex')).flatMap(piecesOf))
  const lengths = [...new Set([...base64, ...hex].map(piece => piece.length))]
  const least = Math.min(...lengths)

  const maskRun = (run: string): string => {
    if (run.length < least) return run
    const {signs, places} = signsOf(run)
    const [standard, small] = [signs.replaceAll('-', '+').replaceAll('_', '/'), signs.toLowerCase()]
    let result = ''
    let done = 0
    let hiddenUntil = -1
    for (let start = 0; start < signs.length; start++) {
      const length = lengths.findLast(
        size => base64.has(standard.slice(start, start + size)) || hex.has(small.slice(start, start + size)),
      )
      if (length === undefined) continue
      if (start > hiddenUntil) result += run.slice(done, places[start]) + mask
      hiddenUntil = Math.max(hiddenUntil, start + length - 1)
      done = (places[hiddenUntil] ?? run.length) + 1
    }
    return result + run.slice(done)
  }
  return text => text.replaceAll(runs, maskRun)
}
