import {existsSync, readFileSync, statSync} from 'node:fs'
import {basename, dirname, isAbsolute, join, resolve} from 'node:path'
import {JinjaProblem} from '../jinja/problem.ts'
import type {Load, Source} from '../jinja/render.ts'
import {Secret} from '../shell/secret.ts'
import {isVaulted} from '../vault/envelope.ts'
import {type Keyring, openAt} from '../vault/keyring.ts'
import {EvaluationError} from './evaluation-error.ts'
import {displayPath} from './paths.ts'
import type {Scope} from './scope.ts'

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})

const readSource = (file: string, keys: Keyring): Source & {readonly isSealed: boolean} => {
  const problem = (what: string, fix: string): never => {
    throw new EvaluationError({rule: 'unreadable-file', what, fix, at: {file: displayPath(file), line: 0, column: 0}})
  }
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    return problem(`the template cannot be read: ${(cause as Error).message}`, 'check its path and permissions')
  }
  const isSealed = isVaulted(bytes)
  if (isSealed) bytes = openAt(bytes.toString(), {file: displayPath(file), line: 1, column: 1}, keys)
  try {
    return {file, text: utf8.decode(bytes), isSealed}
  } catch {
    return problem('the template is no UTF-8 text', 'copy files that are no text with the module copy')
  }
}

/** Where a template finds others: beside itself, in the `templates/` around it, and in `roots`. */
const loaderFor = (path: string, roots: readonly string[], read: (file: string) => Source): Load => {
  const own = dirname(path)
  const around = [...roots, own, ...(basename(own) === 'templates' ? [dirname(own)] : [])]
  const directories = around.flatMap(directory => [join(directory, 'templates'), directory])
  return (name, from) => {
    if (name.split('/').includes('..') || isAbsolute(name))
      throw new JinjaProblem('template-missing', `the template '${name}' is looked for inside of templates/ only`, {
        fix: 'write its name without .. or a slash before it',
      })
    const found = [...directories, dirname(from)]
      .map(directory => resolve(directory, name))
      .find(file => existsSync(file) && statSync(file).isFile())
    return found === undefined ? undefined : read(found)
  }
}

const managed = 'Ansible managed'

/**
 * The text of a Jinja template with the variables of a scope, as Ansible's template module writes it. `roots` are further
 * directories in which (and in whose `templates/`) other templates are looked for. Throws EvaluationError at the template's
 * line, NeedsFacts and NeedsResult. What an encrypted template becomes is a secret.
 */
export const renderTemplateFile = (
  path: string,
  scope: Scope,
  roots: readonly string[] = [],
  name = path,
  keys: Keyring = [],
): string | Secret => {
  let isSealed = false
  const read = (file: string): Source => {
    const source = readSource(file, keys)
    isSealed ||= source.isSealed
    return source
  }
  const own = new Map<string, unknown>([
    ['ansible_managed', managed],
    ['template_path', name],
    ['template_fullpath', path],
  ])
  const result = scope.render(read(path), loaderFor(path, roots, read), own)
  return isSealed && typeof result === 'string' ? new Secret(result) : result
}
