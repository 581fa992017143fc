import {quote} from '../shell/quote.ts'

const secretive = /pass|secret|token|psk|private|credential|auth_?key|api_?key/i

/** What the user typed, for the record: quoted as for a shell, without the values of secret-looking variables. */
export const typedText = (argv: readonly string[]): string =>
  ['gatewright', ...argv.map((word, index) => quote(masked(word, argv[index - 1])))].join(' ')

const masked = (word: string, before: string | undefined): string => {
  const [, flag = '', value = ''] = /^(--extra-vars=|-e(?=.))?(.*)$/s.exec(word) ?? []
  const isVariable = flag !== '' || before === '-e' || before === '--extra-vars'
  if (!isVariable || value.startsWith('@') || !secretive.test(value)) return word
  const [, name] = /^(\w+)=[^=\s]*\S*$/.exec(value) ?? []
  return `${flag}${name === undefined ? '***' : `${name}=***`}`
}
