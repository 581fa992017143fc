import {constructFromEvents, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent, YAML11_SCHEMA} from 'js-yaml'
import {Secret} from '../shell/secret.ts'
import {Inexact, plainScalar} from './plain-scalar.ts'
import {sealed} from './taint.ts'

/** Text marked `!unsafe`: data that is never evaluated. */
export class Unsafe {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const inexact = (text: string, {what}: Inexact): ScalarProblem => ({
  rule: 'yaml-inexact',
  what: `${text} without quotes is ${what}`,
  why: 'its value could not be kept as it is',
  fix: `write '${text}'`,
})

/** Text of an encrypted file that has expressions in it: what they give is a secret. */
export class Sealed {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toJSON(): string {
    return '***'
  }
}

export type ScalarProblem = {readonly rule: string; readonly what: string; readonly why?: string; readonly fix: string}

/** A scalar of an encrypted file. What has expressions is sealed as it is; true, false and nothing tell too little. */
export const sealScalar = (value: unknown): unknown => {
  if (value instanceof Unsafe) return new Secret(value.text)
  return typeof value === 'string' && /\{[{%#]/.test(value) ? new Sealed(value) : sealed(value)
}

const document = {type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: []}

/** The value of one scalar, as YAML 1.1 and Ansible read it. */
export const scalarValue = (event: ScalarEvent, source: string): {value: unknown} | {problem: ScalarProblem} => {
  const tag = event.tagStart < 0 ? '' : source.slice(event.tagStart, event.tagEnd)
  if (tag === '!unsafe') return {value: new Unsafe(getScalarValue(source, event))}
  if (tag && !tag.startsWith('!!')) {
    const fix = 'remove it, or quote the value'
    return {problem: {rule: 'yaml-tag', what: `the tag '${tag}' is unknown`, fix}}
  }
  if (event.style === SCALAR_STYLE.PLAIN && !tag) {
    const text = getScalarValue(source, event)
    const value = plainScalar(text)
    return value instanceof Inexact ? {problem: inexact(text, value)} : {value}
  }
  const plain = {...event, anchorStart: -1, anchorEnd: -1}
  const [value] = constructFromEvents([document, plain, {type: EVENT_ID.POP}], {source, schema: YAML11_SCHEMA})
  return {value: value instanceof Date ? getScalarValue(source, event) : value}
}
