import {type Attributes, contradict, fresh, holding, typeName, withAttributes} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import {resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type AttributesDesired = Attributes & {
  readonly path: string
  /** A link is followed. */
  readonly follow: boolean
  /** `file`: only of a regular file; `made`: an empty file is made where nothing is; `any`: nothing is no error. */
  readonly of: 'file' | 'something' | 'made' | 'any'
}

/** Mode and owner of what is there already, whatever makes it. */
export const attributesKind = pathKind<AttributesDesired>({
  name: 'attributes',
  identify: ({path}) => path,
  question: ({path, owner, group, follow}) => ({path, owner, group, follow, creator: true}),
  wanted(desired, current) {
    const {path, of} = desired
    if (current.type === 'absent') {
      // Ansible sets nothing where a link leads nowhere.
      if (of === 'any' || (of === 'something' && current.at !== current.named)) return current
      if (of === 'made' && current.at === current.named)
        return withAttributes(fresh(current, {type: 'file', ...holding('')}), desired)
      return `${current.at} does not exist${of === 'made' ? '' : ', and its mode and owner cannot be set'}`
    }
    if (of === 'file' && (current.type === 'directory' || current.type === 'link'))
      return `${path} is no file (${typeName(current)})`
    return withAttributes(current, desired)
  },
  isBeside: (one, other) => !contradict(one, other),
  problems: desired => broken(pathRule('path', desired.path), ...attributeRules(desired, 'symbolic')),
})

export const attributes = resourceOf(attributesKind)
