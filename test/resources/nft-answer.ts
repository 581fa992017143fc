import {sha256Of} from '../../src/resources/content.ts'

/** `chain input {}` of the table `inet gatewright_test`, as the file holds it. */
export const nftText = `# Written by gatewright.
table inet gatewright_test
delete table inet gatewright_test
table inet gatewright_test {
chain input {
}
}
`

const base64 = (text: string): string => Buffer.from(text).toString('base64')

type Differing = {
  readonly live?: string | undefined
  readonly boot?: string
  readonly from?: string
  readonly file?: string
}

/** What a host says whose kernel shows `live`, where `table inet gatewright_test {\n}` was shown when it was loaded. */
export const nftAnswer = (live: string | undefined, {boot = 'b1', from = nftText, file = nftText}: Differing = {}) =>
  [
    'program',
    live === undefined ? `none ${base64('Error: No such file or directory')}` : `live ${base64(live)}`,
    `record ${base64(`${boot} ${sha256Of(from)}\ntable inet gatewright_test {\n}`)}`,
    'boot b1',
    'file',
    'parent\nowner\ngroup',
    `stat regular file|600|root|0|root|0|24\nsha256 ${sha256Of(file)}`,
    ...(file === nftText ? [] : [`content ${base64(file)}`]),
    '',
  ].join('\n')
