// Whoever changes evidence without the key is found out, and told where.
import test from 'ava'
import {canonical, evidenceOf, hashOf, type Link, nothing} from '../../src/audit/evidence/chain.ts'
import {newSigningKey, signerOf} from '../../src/audit/evidence/keys.ts'
import {verifyEvidence} from '../../src/audit/evidence/verify.ts'
import {failedResult, passedResult} from './example.ts'

const {privateKey, publicKey} = newSigningKey()
const signer = signerOf(privateKey)
const text = evidenceOf(failedResult, {...signer, before: nothing})
const lines = text.trimEnd().split('\n')
const joined = (some: readonly string[]): string => some.map(line => `${line}\n`).join('')
const linkOf = (line = ''): Link => JSON.parse(line)
const linesOf = (tampered: string): number[] => verifyEvidence(tampered, publicKey).problems.map(({line}) => line)

test('what was signed is sound', t => {
  t.is(lines.length, failedResult.records.length + 2)
  t.deepEqual(verifyEvidence(text, publicKey), {
    problems: [],
    records: failedResult.records.length,
    seal: linkOf(lines.at(-1)).hash,
  })
})

test('canonical JSON is that of RFC 8785', t => {
  // Section 3.2.3 and appendix B: keys by UTF-16 code units, numbers as ECMAScript prints them.
  t.is(
    canonical({'\u20ac': 1e21, '\r': 4.5, 1: 0.002, b: [null, true, '\u000f\n"']}),
    '{"\\r":4.5,"1":0.002,"b":[null,true,"\\u000f\\n\\""],"€":1e+21}',
  )
})

for (const index of lines.keys()) {
  const line = index + 1
  test(`line ${line}: a changed value is found there`, t => {
    const link = linkOf(lines[index])
    const body = {...(link.body as object), verdict: 'pass', operator: 'somebody else', records: 99}
    const tampered = joined(lines.with(index, canonical({...link, body})))
    t.true(linesOf(tampered).includes(line))
  })
  test(`line ${line}: a changed value with a new hash is found`, t => {
    const link = linkOf(lines[index])
    const body = {...(link.body as object), verdict: 'pass', operator: 'somebody else', records: 99}
    const tampered = joined(lines.with(index, canonical({...link, body, hash: hashOf({...link, body})})))
    const found = linesOf(tampered)
    t.true(found.includes(line) || found.includes(line + 1), found.join())
  })
  test(`line ${line}: another spelling of the same is found`, t => {
    t.deepEqual(linesOf(joined(lines.with(index, lines[index]?.replace('{"', '{ "') ?? ''))).slice(0, 1), [line])
  })
  test(`line ${line}: what is added to it is found`, t => {
    t.true(linesOf(joined(lines.with(index, canonical({...linkOf(lines[index]), note: 'all is well'})))).includes(line))
  })
  test(`line ${line}: it is missed when it is deleted`, t => {
    const found = linesOf(joined(lines.toSpliced(index, 1)))
    t.true(found.includes(line) || found.includes(line - 1), found.join())
  })
  test(`line ${line}: a copy of it is found`, t => {
    t.true(linesOf(joined(lines.toSpliced(index, 0, lines[index] ?? ''))).some(each => each >= line))
  })
  test(`line ${line}: it cannot change places with the next`, t => {
    const next = lines[index + 1]
    if (next === undefined) t.is(line, lines.length)
    else
      t.true(
        linesOf(joined(lines.with(index, next).with(line, lines[index] ?? ''))).some(
          each => each === line || each === line + 1,
        ),
      )
  })
  test(`line ${line}: what comes after it cannot be cut off`, t => {
    if (line === lines.length) t.true(linesOf(text.trimEnd()).length > 0, 'not even the end of the line')
    else t.true(linesOf(joined(lines.slice(0, line))).length > 0)
  })
}

/** What somebody without the key can do at most: a whole chain with the old signature. */
const rechained = (records: typeof failedResult.records): string[] => {
  const other = evidenceOf({...failedResult, records}, {...signer, before: nothing, sign: () => Buffer.alloc(64)})
    .trimEnd()
    .split('\n')
  const seal = linkOf(other.at(-1))
  return other.with(other.length - 1, canonical({...seal, signature: linkOf(lines.at(-1)).signature}))
}

test('a chain that was calculated anew has no signature', t => {
  const [, ...kept] = failedResult.records
  for (const records of [kept, failedResult.records.toReversed(), []])
    t.deepEqual(
      verifyEvidence(joined(rechained(records)), publicKey).problems.map(({what}) => what),
      ['the signature does not belong to these records'],
    )
})

test('the signature of another audit, another key, or none is found', t => {
  const seal = linkOf(lines.at(-1))
  const other = linkOf(
    evidenceOf(passedResult, {...signer, before: nothing})
      .trimEnd()
      .split('\n')
      .at(-1),
  )
  const with_ = (signature: string | undefined) => {
    const {signature: _, ...rest} = seal
    return joined(lines.with(lines.length - 1, canonical(signature === undefined ? rest : {...rest, signature})))
  }
  for (const signature of [other.signature, '', undefined, Buffer.alloc(64).toString('base64')])
    t.deepEqual(linesOf(with_(signature)), [lines.length])
  t.deepEqual(linesOf(joined(lines.with(lines.length - 1, canonical(other)))).at(-1), lines.length)
  const stranger = newSigningKey()
  t.regex(
    verifyEvidence(text, stranger.publicKey).problems[0]?.what ?? '',
    /it is sealed with the key SHA256:\S+, not with SHA256:/,
  )
  const forged = evidenceOf(failedResult, {...signer, sign: signerOf(stranger.privateKey).sign, before: nothing})
  t.deepEqual(linesOf(forged), [lines.length])
})

test('an audit follows the one before', t => {
  const {seal} = verifyEvidence(text, publicKey)
  const next = evidenceOf(passedResult, {...signer, before: seal ?? ''})
  t.deepEqual(verifyEvidence(next, publicKey, seal).problems, [])
  const first = evidenceOf(passedResult, {...signer, before: nothing})
  t.deepEqual(verifyEvidence(first, publicKey, seal).problems, [
    {line: 1, what: 'it says that there was no audit before it'},
  ])
  t.is(verifyEvidence(next, publicKey, 'f'.repeat(64)).problems[0]?.line, 1)
})

test('damaged text and other keys are told', t => {
  t.deepEqual(linesOf('').length, 1)
  t.true(linesOf('no JSON\n').length > 0)
  t.true(linesOf('{}\n').length > 0)
  t.true(linesOf('null\n').length > 0)
  t.throws(() => verifyEvidence(text, 'no key'))
  t.throws(() => signerOf('no key'))
})
