import {registerHooks} from 'node:module'
import {extname} from 'node:path'

/**
 * Roles and tasks, wherever they lie, import 'gatewright' and 'zx' and get this very engine's own copies: a second copy
 * would have another class `Secret` and another `$`. Importing this module is enough; doing so twice changes nothing.
 */
const engine = new URL(`./index${extname(import.meta.url)}`, import.meta.url).href
const installed = Symbol.for(`gatewright resolver ${engine}`)

if (!(installed in globalThis)) {
  Object.defineProperty(globalThis, installed, {value: true})
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'gatewright') return {url: engine, shortCircuit: true}
      if (specifier === 'zx' || specifier.startsWith('zx/'))
        return next(specifier, {...context, parentURL: import.meta.url})
      return next(specifier, context)
    },
    // A role is a module whatever the package.json above its site says; `npm init` writes "type": "commonjs".
    load: (url, context, next) =>
      next(url, context.format === 'commonjs-typescript' ? {...context, format: 'module-typescript'} : context),
  })
}
