import {$, type Command} from '../shell/command.ts'
import {candidateOf} from './candidate.ts'
import {foreseePath} from './foresee-path.ts'
import {Unforeseen} from './foresight.ts'
import {
  type Attributes,
  changesBetween,
  checking,
  contradict,
  fresh,
  isRewrite,
  providesBetween,
  stepsBetween,
  withAttributes,
} from './path-change.ts'
import {pathObstacle} from './path-kind.ts'
import {type PathQuestion, pathQuestion} from './path-question.ts'
import {type PathState, pathState} from './path-state.ts'
import {type Answer, type Kind, resourceOf, type Step, Unreadable} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type RemoteCopyDesired = Omit<Attributes, 'mode'> & {
  readonly path: string
  /** On the host. */
  readonly from: string
  /** `preserve`: the mode of the source. */
  readonly mode?: string
  readonly check?: readonly string[]
  readonly backup?: boolean
  readonly onlyNew?: boolean
  readonly follow?: boolean
  readonly into?: string
  readonly sha1?: string
}

/** `sha1` is the source's, where it is asked for. */
export type RemoteCopyState = {readonly source: PathState; readonly target: PathState; readonly sha1?: string}

/** A file of the host in another place as well. */
export const remoteCopyKind: Kind<RemoteCopyDesired, RemoteCopyState> = {
  name: 'copy',
  identify: ({path}) => path,
  probe: desired => ({
    command: $`
echo source; (${pathQuestion(sourceQuestion(desired))}) || exit
echo target; (${pathQuestion(targetQuestion(desired))}) || exit
echo sums; sha1sum <${desired.from} 2>/dev/null; exit 0`,
    parse: answer => stateOf(desired, answer),
  }),
  predict(desired, current, foresight) {
    const source = foreseePath(sourceQuestion(desired), current.source, foresight)
    if (source instanceof Unforeseen) return source
    const target = foreseePath(targetQuestion(desired), current.target, foresight)
    if (target instanceof Unforeseen) return target
    const isKnown = source.sha256 !== undefined || source.type !== 'file'
    if (!isKnown || (desired.sha1 !== undefined && source.sha256 !== current.source.sha256))
      return new Unforeseen(`what is in ${source.at} is known only once it is there`)
    return {...current, source, target}
  },
  obstacle(desired, current) {
    const {from, sha1, path} = desired
    const {source, target} = current
    if (source.type === 'absent') return `${from} does not exist, and nothing before provides it`
    if (source.type === 'directory')
      return `${from} is a directory; of the host's own files a task copies one: use 'command: cp -a' with 'creates'`
    if (source.type !== 'file') return `${from} is no regular file`
    if (sha1 !== undefined && current.sha1 !== sha1) return `${from} has the checksum ${current.sha1}, not ${sha1}`
    if (target.type === 'directory') return `${path} is a directory`
    return pathObstacle(desired, target)
  },
  diff: (desired, current) => changesBetween(current.target, after(desired, current)),
  steps(desired, changes, current) {
    const {target} = current
    const wanted = after(desired, current)
    return isRewrite(changes) ? [copyStep(desired, target, wanted)] : stepsBetween(target, wanted)
  },
  provides: (desired, _changes, current) => providesBetween(current.target, after(desired, current)),
  place: ({target}) => target,
  isInOrder: () => true,
  isBeside: (one, other) => one.from === other.from && !contradict(one, other),
  paths: ({path}) => [path],
  problems: ({path, from, mode, ...attributes}) =>
    broken(
      pathRule('dest', path),
      pathRule('src', from),
      ...attributeRules({...attributes, ...(mode !== undefined && mode !== 'preserve' && {mode})}, 'symbolic'),
    ),
}

const sourceQuestion = ({from}: RemoteCopyDesired): PathQuestion => ({path: from, follow: true, content: true})
const targetQuestion = ({path, owner, group, follow, into}: RemoteCopyDesired): PathQuestion => ({
  path,
  owner,
  group,
  follow,
  into,
  creator: true,
  content: true,
})

const stateOf = (desired: RemoteCopyDesired, {code, stdout, stderr}: Answer): RemoteCopyState => {
  const [, source, target, sums] = stdout.split(/^(?:source|target|sums)\n/m)
  if (code !== 0 || source === undefined || target === undefined)
    throw new Unreadable(stderr.trim() || `exit code ${code}`)
  const sha1 = /^([0-9a-f]{40}) /.exec(sums ?? '')?.[1]
  const one = (question: PathQuestion, text: string): PathState =>
    pathState(question.path, {code: 0, stdout: text, stderr: ''})
  return {
    source: one(sourceQuestion(desired), source),
    target: one(targetQuestion(desired), target),
    ...(sha1 !== undefined && {sha1}),
  }
}

const after = (desired: RemoteCopyDesired, {source, target}: RemoteCopyState): PathState => {
  if (desired.onlyNew && target.type !== 'absent') return target
  const file = target.type === 'file' ? target : fresh(target, {type: 'file'})
  const isSame = file.sha256 === source.sha256
  const {mode, ...rest} = desired
  const wanted = mode === 'preserve' ? {...rest, mode: source.mode} : {...rest, ...(mode !== undefined && {mode})}
  return withAttributes(
    isSame ? file : {...file, sha256: source.sha256, content: source.content, inode: undefined},
    wanted,
  )
}

const copyStep = ({from, check, backup}: RemoteCopyDesired, target: PathState, after: PathState): Step => {
  const path = after.at
  const waiting = candidateOf(path)
  const keep: Command =
    backup && target.type !== 'absent' ? $`cp -p -- ${path} ${path}.$$.$(date +%Y-%m-%d@%H:%M:%S)~ && ` : $``
  const verify: Command = check === undefined ? $`` : $`${checking(check, waiting)} && `
  const account = `${after.owner[0] ?? ''}:${after.group[0] ?? ''}`
  return {
    do: 'run',
    title: `copy ${from} to ${path}`,
    command: $`rm -f -- ${waiting} && cp --preserve=timestamps -- ${from} ${waiting} &&
chown -- ${account} ${waiting} && chmod -- ${after.mode} ${waiting} &&
${verify}${keep}mv -fT -- ${waiting} ${path} || { code=$?; rm -f -- ${waiting}; exit "$code"; }`,
  }
}

export const remoteCopy = resourceOf(remoteCopyKind)
