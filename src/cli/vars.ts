import {placeText} from '../diagnostic.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {type Explanation, explainAll, explainVariable} from '../playbook/explain-variable.ts'
import {hostOf, secretsIn, viewInventory} from '../playbook/inventory-view.ts'
import {redactor} from '../reporters/redact.ts'
import {cut, table} from './columns.ts'
import {type InventoryFlags, loadOptions} from './flags.ts'
import type {Io} from './io.ts'

/** `gatewright vars explain HOST [KEY]`: where a variable gets its value, or where every variable of a host does. */
export const explain = (host: string, key: string | undefined, flags: InventoryFlags, io: Io): number => {
  const view = viewInventory(loadOptions(flags.playbook === undefined ? [] : [flags.playbook], flags, io))
  const scope = view.scopeOf(hostOf(view, host))
  const redact = redactor(secretsIn([scope]))
  const columns = io.stdout.columns ?? 80
  const others = view.otherPlays(host)
  const note = others.length ? `# The first play that names ${host}; also named by: ${others.join(', ')}.\n` : ''
  if (key === undefined) {
    const winners = redact(explainAll(scope))
    const rows = winners.map(({name, at, layer}) => [name, at ? placeText(at) : layer])
    if (flags.json) io.stdout.write(`${JSON.stringify({host, variables: winners}, null, 2)}\n`)
    else io.stdout.write(note + table(['VARIABLE', 'WINS'], rows, columns))
    return exitCodes.ok
  }
  const explanation = redact(explainVariable(host, key, scope))
  if (flags.json) io.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
  else io.stdout.write(note + explanationText(explanation, columns))
  return exitCodes.ok
}

const explanationText = ({host, name, definitions, value, problem}: Explanation, columns: number): string => {
  const lines = [`${name} of ${host}`, '']
  for (const [index, {layer, at, value: raw}] of definitions.entries()) {
    const wins = index === definitions.length - 1
    const place =
      at && !layer.startsWith(at.file)
        ? `${placeText(at)}, ${layer}`
        : at
          ? placeText(at) + layer.slice(at.file.length)
          : layer
    lines.push(`${wins ? '>' : ' '} ${place}`, `      ${cut(JSON.stringify(raw), columns - 6)}`)
  }
  if (definitions.length === 0) lines.push('  set by gatewright itself')
  else
    lines.push(
      '',
      definitions.length > 1 ? '  (from the weakest to the strongest; > wins)' : '  (nothing else sets it)',
    )
  const shown = problem === undefined ? JSON.stringify(value, null, 2) : `none: ${problem}`
  return `${[...lines, '', `value: ${shown}`].join('\n')}\n`
}
