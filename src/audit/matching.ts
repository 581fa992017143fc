import type {Control, SeenItem} from './model.ts'

const literal = (text: string): string => text.replaceAll(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`)

/** `hardening/file /etc/ssh/*`, `handler *`: `*` is any text, everything else is itself. */
const expressionOf = (pattern: string): RegExp => new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`)

export const isMatch = (pattern: string, {id, role}: Pick<SeenItem, 'id' | 'role'>): boolean => {
  const owned = /^([\w-]+)\/(.+)$/s.exec(pattern)
  if (!owned) return expressionOf(pattern).test(id)
  const [, owner = '', rest = ''] = owned
  return role === owner && expressionOf(rest).test(id)
}

/** Control -> the resources that decide it. Every one decides something where a control takes the rest. */
export const itemsOf = (
  controls: readonly Control[],
  items: readonly SeenItem[],
): ReadonlyMap<string, readonly SeenItem[]> => {
  const shown = items.filter(({verdict}) => verdict !== 'skipped')
  const named = controls.map(({id, resources}) => {
    const patterns = resources === 'rest' ? [] : resources
    return [id, shown.filter(item => patterns.some(pattern => isMatch(pattern, item)))] as const
  })
  const taken = new Set(named.flatMap(([, some]) => some))
  const rest = shown.filter(item => !taken.has(item))
  return new Map(
    controls.map(({id, resources}, index) => [id, resources === 'rest' ? rest : (named[index]?.[1] ?? [])]),
  )
}
