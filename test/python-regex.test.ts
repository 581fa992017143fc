import test from 'ava'
import {pythonRegex, pythonReplacement, type RegexFlags} from '../src/python-regex.ts'

const find = (
  pattern: string,
  text: string,
  flags: RegexFlags = {},
): readonly (string | undefined)[] | string | undefined => {
  const made = pythonRegex(pattern, flags)
  return made instanceof RegExp ? made.exec(text)?.slice() : made.what
}

test('what is written alike means the same as in Python', t => {
  t.deepEqual(find('^(\\w+)\\.(\\d+)$', 'eth0.100'), ['eth0.100', 'eth0', '100'])
  t.deepEqual(find('(?P<a>x)(?P=a)', 'xx'), ['xx', 'x'])
  t.deepEqual(find('a{x', 'a{x'), ['a{x'])
  t.deepEqual(find('a{,2}b', 'aaab'), ['aab'])
  t.deepEqual(find('[]a]+', ']a'), [']a'])
  t.deepEqual(find('[\\w.+-]+@[\\w-]+', 'x.y@z'), ['x.y@z'])
  t.deepEqual(find('(?i)abc', 'ABC'), ['ABC'])
  t.deepEqual(find('\\x41\\u0042\\103', 'ABC'), ['ABC'])
  t.deepEqual(find('a(?#comment)b', 'ab'), ['ab'])
})

test('what JavaScript takes otherwise is put right', t => {
  // $ holds before a newline at the end, ^ without `multiline` at the start alone, and \r is no end of a line.
  t.deepEqual(find('b$', 'ab\n'), ['b'])
  t.is(find('b$', 'b\nc'), undefined)
  t.deepEqual(find('^b', 'a\nb', {multiline: true}), ['b'])
  t.is(find('^b', 'a\rb', {multiline: true}), undefined)
  t.deepEqual(find('a.b', 'a\rb'), ['a\rb'])
  t.is(find('a.b', 'a\nb'), undefined)
  t.deepEqual(find('a.b', 'a\nb', {dotAll: true}), ['a\nb'])
  t.is(find('b\\Z', 'b\n'), undefined)
  // Letters and digits are those of Unicode.
  t.deepEqual(find('\\w+', 'größe'), ['größe'])
  t.deepEqual(find('\\bß', 'a ß'), ['ß'])
  t.is(find('\\Bß', 'a ß'), undefined)
  t.deepEqual(find('^.$', '😀'), ['😀'])
})

test('what cannot be the same is refused', t => {
  t.is(find('a++', 'aa'), 'possessive quantifiers are not supported')
  t.regex(String(find('(?:(a)|b)*', 'ab')), /may be missing/)
  t.regex(String(find('(a)?\\1', 'a')), /back-reference/)
  t.regex(String(find('(?x) a', 'a')), /flag \(\?x\)/)
  t.regex(String(find('(?>a)', 'a')), /not supported/)
  t.regex(String(find('(a', 'a')), /missing \)/)
  t.regex(String(find('\\q', 'q')), /bad escape/)
  t.regex(String(find('[a', 'a')), /unterminated/)
})

test('replacements', t => {
  const replace = (by: string): string => {
    const made = pythonReplacement(by)
    const match = /(?<dev>\w+)\.(\d+)|(never)/.exec('eth0.100')
    return typeof made === 'function' && match ? made(match) : 'refused'
  }
  t.is(replace('\\2@\\g<dev>$1$&'), '100@eth0$1$&')
  t.is(replace('\\g<1>0\\n\\\\'), 'eth00\n\\')
  t.is(replace('[\\3]'), '[]')
  t.is(replace('\\q'), 'refused')
  t.throws(() => replace('\\9'), {message: 'invalid group reference 9'})
})
