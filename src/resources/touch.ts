import {$} from '../shell/command.ts'
import {type Attributes, changesBetween, fresh, holding, stepsBetween, withAttributes} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import {resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type TouchDesired = Attributes & {
  readonly path: string
  readonly follow: boolean
  /** Which times become now, as touch(1) takes it: access, modification. */
  readonly times: 'a' | 'm' | 'am'
}

/** The time of a file becomes now, each time; an empty file is made where nothing is. */
export const touchKind = pathKind<TouchDesired>({
  name: 'touch',
  act: true,
  identify: ({path}) => path,
  question: ({path, owner, group, follow}) => ({path, owner, group, follow, creator: true}),
  wanted(desired, current) {
    if (current.type !== 'absent') return withAttributes(current, desired)
    if (current.at !== current.named) return `${desired.path} is a link to nothing`
    return withAttributes(fresh(current, {type: 'file', ...holding('')}), desired)
  },
  changes: (_desired, before, after) => [
    ...changesBetween(before, after).filter(({path}) => path !== 'content'),
    ...(before.type === 'absent' ? [] : [{path: 'time', from: 'earlier', to: 'now'}]),
  ],
  steps: ({times}, before, after) => [
    ...stepsBetween(before, after),
    ...(before.type === 'absent'
      ? []
      : [
          {
            do: 'run' as const,
            title: `touch ${after.at}`,
            command: $`touch -h${times} -- ${after.at}`,
          },
        ]),
  ],
  isBeside: () => true,
  problems: desired => broken(pathRule('path', desired.path), ...attributeRules(desired, 'symbolic')),
})

export const touch = resourceOf(touchKind)
