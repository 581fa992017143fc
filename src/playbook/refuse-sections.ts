import {spotOf} from '../diagnostics/positions.ts'
import type {PlayContext} from './play-context.ts'

const sections = ['pre_tasks', 'roles', 'tasks', 'post_tasks', 'handlers'] as const

/** A play with this keyword has neither roles nor tasks. */
export const refuseSections = (keyword: string, why: string, {findings, play: written}: PlayContext): void => {
  const at = spotOf(written.raw, keyword)?.value ?? written.at
  for (const section of sections)
    if (written.sections[section].length > 0)
      findings.add({
        rule: 'not-supported',
        what: `a play with '${keyword}' cannot have '${section}'`,
        why,
        fix: 'write them into another play',
        at: spotOf(written.raw, section)?.key ?? at,
      })
}
