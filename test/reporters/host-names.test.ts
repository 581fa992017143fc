import test from 'ava'
import {expandRange} from '../../src/inventory/ranges.ts'
import {namesText, rangesOf} from '../../src/reporters/host-names.ts'

const numbered = (from: number, to: number, name: (number: number) => string): string[] =>
  Array.from({length: to - from + 1}, (_, index) => name(from + index))
const padded = (number: number): string => `gw${String(number).padStart(2, '0')}`

test('hosts that follow each other are a range, as an inventory writes it', t => {
  const hosts = numbered(1, 48, padded)
  t.deepEqual(rangesOf(hosts), ['gw[01:48]'])
  t.deepEqual(rangesOf(hosts.filter(name => name !== 'gw13' && name !== 'gw47')), ['gw[01:12]', 'gw[14:46]', 'gw48'])
})

test('whatever is a range gives the same names when it is read again', t => {
  const lists = [
    numbered(8, 12, padded),
    numbered(98, 102, padded),
    numbered(8, 12, number => `gw${number}`),
    numbered(1, 4, number => `gw${number}.site2.example`),
    numbered(1, 4, number => `r2-gw${number}`),
    ['gw09', 'gw010', 'gw011', 'gw012'],
    ['a', 'b', 'c', 'gw1', 'gw2', 'gw3', 'gw5'],
    ['gw3', 'gw2', 'gw1'],
    [],
  ]
  for (const list of lists)
    t.deepEqual(
      rangesOf(list).flatMap(range => expandRange(range) ?? []),
      list,
    )
})

test('a name may hold several numbers', t => {
  t.deepEqual(rangesOf(numbered(1, 4, number => `gw${number}.site2.example`)), ['gw[1:4].site2.example'])
  t.deepEqual(rangesOf(numbered(1, 4, number => `r2-gw${number}`)), ['r2-gw[1:4]'])
})

test('two hosts are named, and of many ranges the first', t => {
  t.is(namesText(['gw1', 'gw2'], 5), 'gw1, gw2')
  t.is(
    namesText(
      numbered(1, 20, number => `gw${number * 2}`),
      3,
    ),
    'gw2, gw4, gw6 and 17 more',
  )
})
