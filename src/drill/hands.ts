import type {DrillFault, DrillTerms} from './model.ts'

export type HandFault = Extract<DrillFault, {by: 'hand'}>

/** The program of the inventory, told to do it and to undo it by itself after `seconds`. */
export const handWords = (
  hands: readonly string[],
  {hand, link, delay, loss}: HandFault,
  host: string,
  seconds: number,
): readonly string[] => [
  ...hands,
  hand,
  host,
  ...(link === undefined ? [] : [link]),
  ...(hand === 'degrade' ? ['--delay', String(delay), '--loss', String(loss)] : []),
  '--for',
  String(seconds),
]

export const healWords = (hands: readonly string[], {link}: HandFault, host: string): readonly string[] => [
  ...hands,
  'heal',
  host,
  ...(link === undefined ? [] : [link]),
]

/** What it does, as a person is asked for it where no program can. */
export const handText = ({hand, link, delay, loss}: HandFault, host: string): string =>
  ({
    cut: `pull the cable of the link ${link} of ${host}`,
    kill: `cut the power of ${host}`,
    freeze: `stop the machine ${host} (pause it, or send it SIGSTOP)`,
    degrade: `make the link ${link} of ${host} ${delay} ms slower and let it lose ${loss} %`,
  })[hand]

export const healText = ({hand, link}: HandFault, host: string): string =>
  ({
    cut: `plug the cable of the link ${link} of ${host} in again`,
    kill: `switch ${host} on again`,
    freeze: `let ${host} go on`,
    degrade: `make the link ${link} of ${host} whole again`,
  })[hand]

/** Whether the host is gone from the network while it lasts: nobody should wait for its answers. */
export const isAway = (fault: DrillFault): boolean =>
  fault.by === 'hand' && (fault.hand === 'kill' || fault.hand === 'freeze')

/** Why a hand cannot be played: nobody could do it. */
export const handLack = ({hands}: DrillTerms, isPersonThere: boolean): string | undefined =>
  hands === undefined && !isPersonThere
    ? 'nobody can pull cables and switch power here: the inventory has no drill_hands, and nobody is at the terminal'
    : undefined
