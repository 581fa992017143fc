import {constructFromEvents, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent, YAML11_SCHEMA} from 'js-yaml'

/** Text marked `!unsafe`: data that is never evaluated. */
export class Unsafe {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type ScalarProblem = {readonly rule: string; readonly what: string; readonly why?: string; readonly fix: string}

const sexagesimal = /^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/
const tagHints = new Map([
  ['!vault', {what: 'a value encrypted with Ansible Vault cannot be read yet', fix: 'pass it with -e @file instead'}],
])
const document = {type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: []}

/** The value of one scalar, as YAML 1.1 and Ansible read it. */
export const scalarValue = (event: ScalarEvent, source: string): {value: unknown} | {problem: ScalarProblem} => {
  const tag = event.tagStart < 0 ? '' : source.slice(event.tagStart, event.tagEnd)
  if (tag === '!unsafe') return {value: new Unsafe(getScalarValue(source, event))}
  if (tag && !tag.startsWith('!!')) {
    const hint = tagHints.get(tag) ?? {what: `the tag '${tag}' is unknown`, fix: 'remove it, or quote the value'}
    return {problem: {rule: 'yaml-tag', ...hint}}
  }
  if (event.style === SCALAR_STYLE.PLAIN && !tag) {
    const text = getScalarValue(source, event)
    // PyYAML, and with it Ansible, reads these as text: single letters are no booleans, MAC addresses no numbers.
    if (/^[yn]$/i.test(text) || /^[-+]?0[\d_]*(:[0-5]?\d)+$/.test(text)) return {value: text}
    if (sexagesimal.test(text))
      return {
        problem: {
          rule: 'yaml-sexagesimal',
          what: `${text} without quotes is a number to base 60 in YAML 1.1`,
          fix: `write '${text}'`,
        },
      }
    if (/^0[0-7]+$/.test(text))
      return {
        problem: {
          rule: 'yaml-octal',
          what: `${text} without quotes is the octal number ${Number.parseInt(text, 8)}`,
          fix: `write '${text}'`,
        },
      }
  }
  const plain = {...event, anchorStart: -1, anchorEnd: -1}
  const [value] = constructFromEvents([document, plain, {type: EVENT_ID.POP}], {source, schema: YAML11_SCHEMA})
  return {value: value instanceof Date ? getScalarValue(source, event) : value}
}
