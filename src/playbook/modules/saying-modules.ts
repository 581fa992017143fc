import type {Module} from './module.ts'
import {mapping, text} from './schema-parts.ts'

const words = {
  anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}],
  description: 'text, or a list of lines',
}
const condition = [{type: 'string'}, {type: 'boolean'}] as const
const nothing = (): readonly [] => []

/** Modules that do nothing on a host; src/playbook/say.ts carries them out. */
export const sayingModules: Readonly<Record<string, Module>> = {
  debug: {
    about: 'Says something where it is reached.',
    example: {msg: 'on {{ inventory_hostname }}'},
    schema: mapping(
      {
        msg: {description: 'what to say, any value'},
        var: {...text, description: 'the name of a variable, without {{ }}'},
        verbosity: {type: 'integer', minimum: 0, description: 'how often -v must be given'},
      },
      [],
      {not: {required: ['msg', 'var']}, description: 'a mapping with msg or var, not both'},
    ),
    make: nothing,
  },
  assert: {
    about: 'Fails unless all conditions hold.',
    example: {that: ["os.family == 'Debian'"], fail_msg: 'Debian is needed'},
    aliases: {msg: 'fail_msg'},
    schema: mapping(
      {
        that: {
          anyOf: [...condition, {type: 'array', items: {anyOf: condition}}],
          description: 'an expression without {{ }}, or a list of these',
        },
        fail_msg: words,
        success_msg: words,
        quiet: {type: 'boolean', description: 'says nothing where all hold'},
      },
      ['that'],
    ),
    make: nothing,
  },
  fail: {
    about: 'Fails.',
    example: {msg: 'the site is not ready'},
    schema: mapping({msg: {description: 'what to say, any value'}}, []),
    make: nothing,
  },
  meta: {
    about: 'Runs the handlers that are due (`flush_handlers`), or does nothing (`noop`).',
    example: 'flush_handlers' as unknown as object,
    freeForm: 'action',
    schema: mapping({action: {type: 'string', description: 'flush_handlers or noop'}}, ['action']),
    make: nothing,
  },
}
