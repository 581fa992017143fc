/** An element of XML: enough of a parser to be strict about what a report may hold. Throws on anything not well-formed. */
export type Element = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

const entities: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"}
const decoded = (raw: string): string =>
  raw.replaceAll(/&([^;]*;?)/g, (_, name: string) => {
    const character = entities[name.slice(0, -1)]
    if (character === undefined || !name.endsWith(';')) throw new Error(`no such entity: &${name}`)
    return character
  })

export const parseXml = (xml: string): Element => {
  if (!xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) throw new Error('no declaration')
  // oxlint-disable-next-line no-control-regex -- it is what XML forbids
  const illegal = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/u.exec(xml)
  if (illegal) throw new Error(`illegal character at ${illegal.index}`)
  type Open = {name: string; attributes: Record<string, string>; children: Element[]; text: string}
  const root: Open = {name: '', attributes: {}, children: [], text: ''}
  const open: Open[] = [root]
  const parts = xml
    .slice(xml.indexOf('?>') + 2)
    .matchAll(/<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g)
  for (const [whole, closing, name = '', attributes = '', empty, text, stray] of parts) {
    const top = open.at(-1) as Open
    if (stray !== undefined) throw new Error('a stray <')
    if (text !== undefined) top.text += decoded(text)
    else if (closing) {
      if (open.length === 1 || top.name !== name) throw new Error(`${whole} closes ${top.name}`)
      open.pop()
    } else {
      const named = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        decoded(value),
      ])
      if (new Set(named.map(([key]) => key)).size !== named.length) throw new Error(`an attribute twice: ${whole}`)
      const element: Open = {name, attributes: Object.fromEntries(named), children: [], text: ''}
      top.children.push(element)
      if (!empty) open.push(element)
    }
  }
  const [only, ...others] = root.children
  if (open.length !== 1 || !only || others.length > 0 || root.text.trim() !== '')
    throw new Error('not one whole element')
  return only
}

type Rule = {readonly needs: Readonly<Record<string, RegExp>>; readonly children: RegExp}
const any = /^[^\n\t]*$/
const whole = /^\d+$/
const seconds = /^\d{1,9}\.\d{3}$/
const told: Rule = {needs: {message: any, type: /\S/}, children: /^$/}

/** What both the schema of Ant (JUnit.xsd of Windy Road) and that of Jenkins (junit-10.xsd of its xUnit plugin) allow. */
const rules: Readonly<Record<string, Rule>> = {
  testsuites: {needs: {}, children: /^(testsuite )*$/},
  testsuite: {
    needs: {
      id: whole,
      name: /\S/,
      package: any,
      hostname: /\S/,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      tests: whole,
      failures: whole,
      errors: whole,
      skipped: whole,
      time: seconds,
    },
    children: /^properties (testcase )*system-out system-err $/,
  },
  testcase: {needs: {classname: any, name: any, time: seconds}, children: /^((failure|error|skipped) )?$/},
  failure: told,
  error: told,
  skipped: told,
  properties: {needs: {}, children: /^$/},
  'system-out': {needs: {}, children: /^$/},
  'system-err': {needs: {}, children: /^$/},
}

/** Everything about a report that those schemas, or the sums in it, would not allow. */
export const faultsOf = (element: Element, path = ''): string[] => {
  const here = `${path}/${element.name}`
  const rule = rules[element.name]
  if (!rule) return [`${here}: no such element`]
  const {attributes, children} = element
  const names = Object.keys(rule.needs)
  return [
    ...Object.keys(attributes).flatMap(name => (names.includes(name) ? [] : [`${here}: no attribute ${name}`])),
    ...names.flatMap(name => (rule.needs[name]?.test(attributes[name] ?? '\n') ? [] : [`${here}: bad ${name}`])),
    ...(rule.children.test(children.map(({name}) => `${name} `).join('')) ? [] : [`${here}: wrong children`]),
    ...(element.name === 'testsuite' ? sumFaults(element, here) : []),
    ...children.flatMap(child => faultsOf(child, here)),
  ]
}

const sumFaults = ({attributes, children}: Element, here: string): string[] => {
  const cases = children.filter(({name}) => name === 'testcase')
  const ended = (name: string): number => cases.filter(each => each.children[0]?.name === name).length
  const sums = {tests: cases.length, failures: ended('failure'), errors: ended('error'), skipped: ended('skipped')}
  return Object.entries(sums).flatMap(([name, sum]) =>
    attributes[name] === String(sum) ? [] : [`${here}: ${name} is ${attributes[name]}, not ${sum}`],
  )
}
