import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {type Condition, conditionsOf} from './conditions.ts'
import {isMapping} from './mapping.ts'
import type {InBlock} from './model.ts'
import type {Layer} from './scope.ts'

export type RawTask = Readonly<Record<string, any>>

/** A mapping of a playbook whose keywords count for what stands inside it. `owner` is what messages call it: 'a block'. */
export type Frame = {readonly owner: string; readonly raw: RawTask; readonly at: Position}

/** A task, handler or role as it was written, with all that surrounds it. */
export type Written = {
  readonly raw: RawTask
  readonly at: Position
  /** Its imports, play and blocks, outermost first, and itself. */
  readonly frames: readonly Frame[]
  readonly blocks: readonly InBlock[]
  readonly tags: readonly string[]
  /** Of the file in which it stands. */
  readonly directory: string
}

export type Keyword = {readonly value: unknown; readonly at: Position}

const isThere = ({raw}: Frame, name: string): boolean => raw[name] !== undefined && raw[name] !== null
const read = ({raw, at}: Frame, name: string): Keyword => ({value: raw[name], at: spotOf(raw, name)?.value ?? at})

/** A keyword where it was written: the innermost counts. */
export const keyword = (frames: readonly Frame[], name: string): Keyword | undefined => {
  const frame = frames.findLast(each => isThere(each, name))
  return frame && read(frame, name)
}

/** A keyword that adds up, outermost first. */
export const keywords = (frames: readonly Frame[], name: string): readonly Keyword[] =>
  frames.filter(frame => isThere(frame, name)).map(frame => read(frame, name))

export const conditionsIn = (frames: readonly Frame[]): readonly Condition[] =>
  frames.flatMap(({raw}) => conditionsOf(raw, 'when'))

/** Variables of what stands below the play; those of the play and its imports are its hosts' already. */
export const layersIn = (frames: readonly Frame[]): readonly Layer[] =>
  frames
    .slice(frames.findIndex(({owner}) => owner === 'a play') + 1)
    .flatMap(({owner, raw}) =>
      isMapping(raw['vars'])
        ? [{name: `vars of ${owner}${raw['name'] === undefined ? '' : ` '${raw['name']}'`}`, vars: raw['vars']}]
        : [],
    )
