/** What chmod(1) calls a mode, as Ansible reads it (module_utils/basic.py): octal digits, or `u=rw,g+r,o-x`. */
const umask = 0o022
const shift = {u: 6, g: 3, o: 0} as const
const special = {u: 0o4000, g: 0o2000, o: 0o1000} as const
type Who = keyof typeof shift

const clause = /^(a|[ugo]*)((?:[-+=][rwxXstugo]*)+)$/

export const isMode = (mode: string): boolean =>
  /^(0o)?[0-7]+$/.test(mode) ? octalOf(mode) <= 0o7777 : mode.split(',').every(part => clause.test(part))

export const isOctal = (mode: string): boolean => /^(0o)?[0-7]+$/.test(mode)
const octalOf = (mode: string): number => Number.parseInt(mode.replace(/^0o/, ''), 8)

/** Four octal digits. */
export const fourDigits = (bits: number): string => bits.toString(8).padStart(4, '0')

/** The mode, as four octal digits, that `mode` makes of what has the mode `before`. */
export const modeAfter = (mode: string, before: string, isDirectory: boolean): string => {
  if (isOctal(mode)) return fourDigits(octalOf(mode))
  const was = Number.parseInt(before, 8)
  let bits = was
  for (const part of mode.split(',')) {
    const [, users = '', operations = ''] = clause.exec(part) ?? []
    const whom: readonly Who[] = users === '' || users === 'a' ? ['u', 'g', 'o'] : (users.split('') as Who[])
    for (const [, operator, letters = ''] of operations.matchAll(/([-+=])([^-+=]*)/g))
      for (const who of whom) {
        const given = letters
          .split('')
          .reduce((all, letter) => all | bitsOf(letter, who, was, isDirectory, users === ''), 0)
        const all = (0o7 << shift[who]) | special[who]
        bits = operator === '+' ? bits | given : operator === '-' ? bits & ~given : (bits & ~all) | given
      }
  }
  return fourDigits(bits)
}

const bitsOf = (letter: string, who: Who, was: number, isDirectory: boolean, isMasked: boolean): number => {
  const plain = (bits: number): number => (bits << shift[who]) & (isMasked ? ~umask : ~0)
  switch (letter) {
    case 'r':
      return plain(4)
    case 'w':
      return plain(2)
    case 'x':
      return plain(1)
    case 'X':
      return isDirectory || was & 0o111 ? 1 << shift[who] : 0
    case 's':
      return who === 'o' ? 0 : special[who]
    case 't':
      return who === 'o' ? special.o : 0
    default:
      return ((was >> shift[letter as Who]) & 0o7) << shift[who]
  }
}
