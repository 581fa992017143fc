import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {type Frame, type Keyword, keywords} from './frames.ts'

const special = ['all', 'always', 'never', 'tagged', 'untagged']

export type TagChoice = {readonly tags: readonly string[]; readonly skipTags: readonly string[]}

/** `a,b` and repeated flags alike. */
export const readTags = (given: readonly string[] | undefined): readonly string[] =>
  (given ?? [])
    .flatMap(text => text.split(','))
    .map(tag => tag.trim())
    .filter(Boolean)

/** The tags of what stands in these frames; text is split at commas, a list is not. */
export const tagsIn = (frames: readonly Frame[], evaluate: (tags: Keyword) => unknown): readonly string[] =>
  keywords(frames, 'tags').flatMap(tags =>
    typeof tags.value === 'string'
      ? [evaluate({...tags, value: tags.value.split(',').map(tag => tag.trim())}) ?? []].flat(2).map(String)
      : [evaluate(tags) ?? []].flat(2).map(String),
  )

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
