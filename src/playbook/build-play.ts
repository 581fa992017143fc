import {resolve} from 'node:path'
import {spotOf} from '../diagnostics/positions.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {buildAudit} from './build-audit.ts'
import {buildDiagnoses} from './build-diagnoses.ts'
import {buildDrills} from './build-drill.ts'
import {buildEntry} from './build-entry.ts'
import {plainControl} from './control.ts'
import {Handlers} from './handlers.ts'
import type {Entry, Play} from './model.ts'
import {becomeUsers, checkAgreement} from './play-become.ts'
import {attempt, type LoadContext, type PlayContext} from './play-context.ts'
import {playSettings} from './play-settings.ts'
import type {RawPlay, Section} from './read-playbook.ts'
import type {Scope} from './scope.ts'
import {batchSizes} from './serial.ts'
import {staticValue, varsFilesOf} from './static-values.ts'
import {isSelected} from './tags.ts'

/** Variables that a play adds to those of its hosts. */
export const playScope = (
  scope: Scope,
  {raw, directory, at, vars}: RawPlay,
  name: string,
  context: Pick<LoadContext, 'findings' | 'scopes'>,
): Scope => {
  const {extra, files} = context.scopes
  const own = scope.with(vars, extra)
  const layers = varsFilesOf(raw, at).flatMap(file => {
    const path = attempt(context.findings, name, file.at, () => String(own.open(file.file, file.at)))
    const layer = typeof path === 'object' ? files.read(resolve(directory, path.value), file.at) : undefined
    return layer ? [layer] : []
  })
  return own.with(layers, extra)
}

const sections: readonly Section[] = ['pre_tasks', 'roles', 'tasks', 'post_tasks']

/** The entries of one section; those that tags leave out are checked all the same. */
const buildSection = async (section: Section, play: PlayContext): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for (const written of play.play.sections[section]) {
    for (const tag of written.tags) play.knownTags.add(tag)
    const isChosen = section === 'handlers' || isSelected(written.tags, play.choice)
    const entry = await buildEntry(written, isChosen, play)
    if (entry && isChosen) entries.push(entry)
  }
  return entries
}

/** Handlers run after each of pre_tasks, tasks with roles, and post_tasks; the end of a play needs no entry. */
const withFlushes = (
  {pre_tasks: before = [], post_tasks: after = [], roles = [], tasks = []}: Partial<Record<Section, readonly Entry[]>>,
  {index, handlers}: PlayContext,
): readonly Entry[] => {
  const middle = [...roles, ...tasks]
  const flush = (done: readonly Entry[], rest: readonly Entry[]): readonly Entry[] =>
    done.length > 0 && rest.length > 0 && handlers.all.length > 0
      ? [{entry: 'flush', origin: {play: index}, control: plainControl(), when: () => true}]
      : []
  return [...before, ...flush(before, [...middle, ...after]), ...middle, ...flush(middle, after), ...after]
}
/** One play: its hosts, and its entries in the order in which they run. */
export const buildPlay = async (raw: RawPlay, index: number, context: LoadContext): Promise<Play | undefined> => {
  const {at, directory, hosts: pattern, frames, statics} = raw
  const {findings, inventory, scopes, registers} = context
  if (pattern.length === 0) return undefined
  const hostsAt = spotOf(raw.raw, 'hosts')?.value
  const all = matchHosts(pattern, inventory, {findings, at: hostsAt, where: 'hosts'})
  const given: unknown = raw.raw['name'] ?? pattern.join(',')
  const name = String(staticValue(given, at, statics, findings))
  const settings = playSettings(raw, findings)
  const chosen = settings.order(all.filter(host => context.limit.has(host)))
  const specials = {
    ansible_play_name: name,
    ansible_play_hosts_all: chosen,
    ansible_run_tags: context.choice.tags.length > 0 ? context.choice.tags : ['all'],
    ansible_skip_tags: context.choice.skipTags,
  }
  const hosts = new Map(
    all.map(host => [
      host,
      Object.entries(specials).reduce(
        (scope, [key, value]) => scope.withValue(key, value),
        playScope(scopes.of(host, directory), raw, name, context),
      ),
    ]),
  )
  const become = becomeUsers(frames, hosts, context)
  checkAgreement('connection', frames, hosts, findings)
  const play: PlayContext = {...context, index, play: raw, hosts, handlers: new Handlers(raw, context)}
  const drills = raw.raw['drill'] === undefined ? undefined : await buildDrills(play, chosen)
  const audit = raw.raw['audit'] === undefined ? undefined : buildAudit(play, chosen)
  const diagnoses = raw.raw['diagnose'] === undefined ? undefined : buildDiagnoses(play, chosen)
  const entries = new Map<Section, readonly Entry[]>()
  for (const section of sections) entries.set(section, await buildSection(section, play))
  for (const {written, unit, task} of play.handlers.all) {
    if (unit) for (const [host, scope] of hosts) attempt(findings, host, written.at, () => unit(scope))
    const entry = unit ? undefined : await buildEntry(written, true, play)
    if (entry) task.entry = entry
  }
  return {
    index,
    name,
    at,
    hosts: chosen,
    gatherFacts: settings.gatherFacts,
    become: host => become.get(host),
    serial: batchSizes(settings.serial, chosen.length),
    entries: withFlushes(Object.fromEntries(entries), play),
    handlers: play.handlers.finished(
      new Map([...hosts].map(([host, scope]) => [host, registers.scope(scope, host, true)])),
    ),
    anyErrorsFatal: settings.anyErrorsFatal,
    ...(settings.maxFailPercentage !== undefined && {maxFailPercentage: settings.maxFailPercentage}),
    ...(drills && {drills}),
    ...(audit && {audit}),
    ...(diagnoses && {diagnoses}),
  }
}
