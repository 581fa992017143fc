import type {Diagnostic} from '../diagnostic.ts'
import type {Entry, Fleet, Round} from './model.ts'

/** What is right and could be better: tasks that check mode cannot predict, and tasks without a name. */
export const advise = ({plays}: Fleet): readonly Diagnostic[] =>
  plays.flatMap(play =>
    play.entries.flatMap(entry => [
      ...nameless(entry),
      ...play.hosts.slice(0, 1).flatMap(host => unguarded(entry, host)),
    ]),
  )

const nameless = ({entry, origin}: Entry): readonly Diagnostic[] =>
  entry !== 'rounds' || origin.name !== undefined
    ? []
    : [
        {
          rule: 'task-without-name',
          what: 'the task has no name',
          why: 'reports call it by what it does',
          fix: "add 'name:'",
          ...(origin.at && {at: origin.at}),
        },
      ]

const unguarded = (entry: Entry, host: string): readonly Diagnostic[] => {
  if (entry.entry !== 'rounds') return []
  const isUnknown = roundsOf(entry, host).some(
    round =>
      round.does === 'resources' &&
      round.judge.changesNothing !== true &&
      round.resources.some(({kind, desired}) => isCommand(kind.name) && !isGuarded(desired)),
  )
  if (!isUnknown) return []
  return [
    {
      rule: 'command-without-guard',
      what: 'check mode cannot tell whether this command has anything to do',
      why: 'nothing says when it is done',
      fix: "give it 'creates' or 'removes', or 'changed_when: false' if it changes nothing",
      ...(entry.origin.at && {at: entry.origin.at}),
    },
  ]
}

/** What needs facts or results is not advised on. */
const roundsOf = (entry: Entry & {entry: 'rounds'}, host: string): readonly Round[] => {
  try {
    return entry.rounds(host, {facts: {}, registered: new Map()})
  } catch {
    return []
  }
}

const isCommand = (kind: string): boolean => kind === 'command' || kind === 'exec'
const isGuarded = (desired: object): boolean =>
  ['creates', 'removes', 'unless', 'onlyIf'].some(guard => (desired as Record<string, unknown>)[guard] !== undefined)
