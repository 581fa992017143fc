import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'

const special = ['all', 'always', 'never', 'tagged', 'untagged']

export type TagChoice = {readonly tags: readonly string[]; readonly skipTags: readonly string[]}

/** `a,b` and repeated flags alike. */
export const readTags = (given: readonly string[] | undefined): readonly string[] =>
  (given ?? [])
    .flatMap(text => text.split(','))
    .map(tag => tag.trim())
    .filter(Boolean)

/** Whether an entry with these tags runs, by Ansible's rules. */
export const isSelected = (own: readonly string[], {tags, skipTags}: TagChoice): boolean => {
  const has = (tag: string): boolean => own.includes(tag)
  const only = tags.length > 0 ? tags : ['all']
  const wanted =
    has('always') ||
    (only.includes('all') && !has('never')) ||
    only.some(has) ||
    (only.includes('tagged') && own.length > 0 && !has('never')) ||
    (only.includes('untagged') && own.length === 0)
  if (!wanted) return false
  if (skipTags.includes('all')) return has('always') && !skipTags.includes('always')
  if (skipTags.some(has)) return false
  if (skipTags.includes('tagged') && own.length > 0) return false
  return !(skipTags.includes('untagged') && own.length === 0)
}

/** A tag that no play has is a typing error: nothing would run. */
export const checkTags = ({tags, skipTags}: TagChoice, known: Iterable<string>, findings: Findings): void => {
  const all = [...new Set([...known, ...special])]
  for (const [flag, given] of [
    ['--tags', tags],
    ['--skip-tags', skipTags],
  ] as const)
    for (const tag of given)
      if (!all.includes(tag)) {
        const fix = suggest(tag, all)
        findings.add({
          rule: 'unknown-tag',
          what: `no play, role or task has the tag '${tag}' of ${flag}`,
          ...(fix && {fix}),
        })
      }
}
