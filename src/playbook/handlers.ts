import {type Diagnostic, InvalidInput} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Handler} from '../resources/resource.ts'
import {handler} from '../role.ts'
import {asText} from './as-text.ts'
import {keyword, type Written} from './frames.ts'
import {isMapping} from './mapping.ts'
import type {Entry, PlayHandler, TaskHandler} from './model.ts'
import {moduleName} from './module-names.ts'
import type {LoadContext} from './play-context.ts'
import {readModuleCall} from './read-module-call.ts'
import type {RawPlay} from './read-playbook.ts'
import {importTasksNames} from './schema-parts.ts'
import type {Scope} from './scope.ts'
import {asList, staticValue} from './static-values.ts'

/** A handler of a play: a unit's reload or restart, which is a debt that hosts are asked about, or any other task. */
export type OpenHandler = {
  readonly written: Written
  readonly name: string
  readonly topics: readonly string[]
  readonly unit: ((scope: Scope) => Handler) | undefined
  /** Filled in once the tasks of the play are read: handlers may notify handlers. */
  readonly task: {name: string; entry?: Entry}
}

/** What a task notifies. */
export type Notified = {readonly units: readonly Handler[]; readonly tasks: readonly TaskHandler[]}

const unitModules = new Set(['service', 'systemd', 'systemd_service'])
const said = new Set(['debug', 'assert', 'fail'])

/** The handlers of a play, by name and topic. */
export class Handlers {
  readonly all: readonly OpenHandler[]

  constructor(play: RawPlay, {findings}: Pick<LoadContext, 'findings'>) {
    const {sections} = play
    const tasks = Object.values(sections).flat()
    const forced = tasks.filter(needsTask).flatMap(({frames}) => asList(keyword(frames, 'notify')?.value))
    this.all = sections.handlers.map(written => {
      const {raw, at} = written
      const given =
        raw['name'] === undefined
          ? ''
          : staticValue(raw['name'], spotOf(raw, 'name')?.value ?? at, play.statics, findings)
      const name = asText(given ?? '')
      const topics = asList(raw['listen'])
      if (name === '' && topics.length === 0 && given !== undefined)
        findings.add({
          rule: 'missing-key',
          what: 'nothing can notify this handler',
          fix: "add 'name' or 'listen'",
          at,
        })
      const mustBeTask = forced.some(word => word.includes('{{') || word === name || topics.includes(word))
      return {
        written,
        name,
        topics,
        unit: mustBeTask ? undefined : unitOf(written),
        task: {name: name || topics[0] || ''},
      }
    })
  }

  /** Every word by which something can be notified. */
  words(): readonly string[] {
    return [...new Set(this.all.flatMap(({name, topics}) => [name, ...topics]).filter(Boolean))]
  }

  /** The first of that name, and all that listen to it, as in Ansible. */
  named(word: string): readonly OpenHandler[] {
    const first = this.all.find(({name}) => name === word)
    return this.all.filter(each => each === first || each.topics.includes(word))
  }

  /** What these words notify on one host. Throws InvalidInput for an unknown one. */
  notified({frames}: Written, scope: Scope): Notified {
    const notify = keyword(frames, 'notify')
    if (!notify) return {units: [], tasks: []}
    const words = asList(scope.open(notify.value, notify.at))
    const unknown = words.flatMap((word, index): Diagnostic[] => {
      if (this.named(word).length > 0) return []
      const at = (Array.isArray(notify.value) ? spotOf(notify.value, index)?.value : undefined) ?? notify.at
      const fix = suggest(word, this.words()) ?? "add it below 'handlers:'"
      return [{rule: 'unknown-handler', what: `the play has no handler '${word}'`, fix, at}]
    })
    if (unknown.length > 0) throw new InvalidInput(unknown)
    const found = new Set(words.flatMap(word => this.named(word)))
    const wanted = this.all.filter(each => found.has(each))
    return {
      units: wanted.flatMap(({unit}) => (unit ? [unit(scope)] : [])),
      tasks: wanted.flatMap(({unit, task}) => (unit ? [] : [task as TaskHandler])),
    }
  }

  /** As the run takes them. */
  finished(hosts: ReadonlyMap<string, Scope>): readonly PlayHandler[] {
    return this.all.flatMap(({unit, task: {name, entry}}, index): PlayHandler[] => {
      if (unit)
        return [
          {
            of: 'unit',
            handler: host => {
              const scope = hosts.get(host)
              if (!scope) throw new Error(`the play does not name ${host}`)
              return unit(scope)
            },
          },
        ]
      return entry ? [Object.assign(this.all[index]?.task ?? {}, {of: 'task', name, entry} as const)] : []
    })
  }
}

/** A unit's debt is attached to what is converged to on the host itself; whatever else notifies needs a task. */
const needsTask = ({raw, frames}: Written): boolean =>
  keyword(frames, 'delegate_to') !== undefined ||
  Object.keys(raw).some(key => key === 'task' || said.has(moduleName(key) ?? ''))

const unitOf = ({raw, frames}: Written): OpenHandler['unit'] => {
  const around = frames.slice(0, -1).filter(({owner}) => owner === 'an import')
  if (around.some(frame => Object.keys(frame.raw).some(key => key !== 'tags' && !importTasksNames.includes(key))))
    return undefined
  const others = Object.keys(raw).filter(key => !['name', 'listen', 'tags'].includes(key))
  const [key = ''] = others
  if (others.length !== 1 || !unitModules.has(moduleName(key) ?? '')) return undefined
  const call = readModuleCall(raw, {file: '', line: 0, column: 0}, new Findings())
  const {name, state, ...more} = call?.parameters ?? {}
  if (typeof name !== 'string' || Object.keys(more).length > 0 || !isMapping(call?.parameters)) return undefined
  const action = state === 'reloaded' ? 'reload' : state === 'restarted' ? 'restart' : undefined
  const at = spotOf(call.parameters, 'name')?.value
  return action && (scope => handler({unit: String(scope.open(name, at)), action}))
}
