import {InvalidInput, type Position} from '../diagnostic.ts'
import type {Secret} from '../shell/secret.ts'
import type {Keyring} from '../vault/keyring.ts'
import type {RenderOptions} from './modules/module.ts'
import {renderTemplateFile} from './render-template.ts'
import type {Scope} from './scope.ts'

/** Renders a template for a task; `roots` are where others are looked for. Throws InvalidInput and what evaluation throws. */
export const renderFor = (
  file: string,
  {trimBlocks, lstripBlocks, newline}: RenderOptions = {trimBlocks: true, lstripBlocks: false, newline: '\n'},
  {
    scope,
    roots,
    at,
    keys,
  }: {
    readonly scope: Scope
    readonly roots: readonly string[]
    readonly at: Position
    readonly keys: Keyring
  },
): string | Secret => {
  const problem = (what: string, fix: string): never => {
    throw new InvalidInput([{rule: 'not-supported', what: `'${what}' is not supported in a task`, fix, at}])
  }
  if (!trimBlocks) problem('trim_blocks', "write '#jinja2: trim_blocks: False' as the first line of the template")
  if (lstripBlocks) problem('lstrip_blocks', "write '#jinja2: lstrip_blocks: True' as the first line of the template")
  if (newline !== '\n') problem('newline_sequence', 'write the ends of the lines into the template')
  return renderTemplateFile(file, scope, roots, file, keys)
}
