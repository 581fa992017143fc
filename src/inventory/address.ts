// What Ansible takes for the address of a host: ansible/parsing/utils/addresses.py.
const numbers = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`
const hexadecimal = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`
const word = String.raw`\p{L}\p{N}_`
const range = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`
const label = `(?:[${word}]|${range})(?:[${word}\\-]|${range})*(?<![_\\-])`
const four = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${numbers})`
const six = `(?:[0-9a-f]{1,4}|${hexadecimal})`
const short = [1, 2, 3, 4, 5].map(count => `(?:${six}:){${count}}(?::${six}){1,${7 - count}}`)

const kinds = [
  `(?:${four}\\.){3}${four}$`,
  // As there, what follows a shortened IPv6 address is not looked at.
  [
    `(?:${six}:){7}${six}`,
    `(?:${six}:){1,6}:`,
    ...short,
    `(?:${six}:){6}:${six}`,
    `:(?::${six}){1,6}`,
    `${six}?::`,
  ].join('|'),
  `${label}(?:\\.${label})*$`,
].map(kind => new RegExp(`^(?:${kind})`, 'iu'))

/** Splits a port off a host, which may hold ranges; undefined for what is no address. */
export const parseAddress = (text: string): {readonly host: string; readonly port?: number} | undefined => {
  const [, host = text, port] = /^\[(.+)\]:(\d+)$/.exec(text) ?? /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/.exec(text) ?? []
  return kinds.some(kind => kind.test(host)) ? {host, ...(port !== undefined && {port: Number(port)})} : undefined
}
