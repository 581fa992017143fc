import type {Answer} from '../resources/resource.ts'
import {isDue, type PlanItem, type Registered} from './plan.ts'

/** An item, and what the last of its commands said. */
type Ended = {readonly item: PlanItem; readonly output?: Answer | undefined}

/**
 * What the lines of one entry have come to, or will come to as planned: Ansible's result of one round, or of a loop over
 * all its rounds. undefined: only applying can tell.
 */
export const resultOf = (items: readonly Ended[], isLoop: boolean | undefined): Registered | undefined => {
  const whole = items[0]?.item.result
  if (whole?.results) return whole
  const rounds = [...Map.groupBy(items, ({item}) => item.origin.unit?.round).values()].map(roundResult)
  const known = rounds.filter(round => round !== undefined)
  if (known.length < rounds.length) return undefined
  const [only] = known
  if (!isLoop) return only
  return {
    results: known,
    changed: known.some(({changed}) => changed),
    failed: known.some(({failed}) => failed),
    ...(known.every(({skipped}) => skipped) && {skipped: true}),
    msg: 'All items completed',
  }
}

const roundResult = (round: readonly Ended[]): Registered | undefined => {
  const [first] = round
  const results = round.map(({item, output}) => itemResult(item, output))
  const known = results.filter(result => result !== undefined)
  if (!first || known.length < results.length) return undefined
  const merged: Registered = {
    ...Object.assign({}, ...known),
    changed: known.some(({changed}) => changed),
    failed: known.some(({failed}) => failed),
  }
  const item = first.item.origin.unit?.item
  return item === undefined ? merged : {...merged, ...item.more, [item.name]: item.value, ansible_loop_var: item.name}
}

/** What one line has come to. */
export const itemResult = (item: PlanItem, output?: Answer): Registered | undefined => {
  if (item.result) return item.result
  const {verdict, reason, resource} = item
  if (verdict === 'unknown') return undefined
  if (verdict === 'skipped') return skippedResult
  const idle = verdict === 'ok' && !isDue(item) ? resource?.kind.idle?.(resource.desired) : undefined
  if (idle) return {changed: false, failed: false, ...outputResult(idle)}
  const hasFailed = verdict === 'failed' || verdict === 'ignored' || verdict === 'rescued'
  return {
    // A command that failed has run all the same.
    changed: verdict === 'changed' || (hasFailed && output !== undefined && resource?.kind.act === true),
    failed: hasFailed,
    ...(output && outputResult(output)),
    ...(hasFailed && reason !== undefined && {msg: reason}),
    ...(!hasFailed && item.task && reason !== undefined && {msg: reason}),
  }
}

export const skippedResult: Registered = {
  changed: false,
  failed: false,
  skipped: true,
  skip_reason: 'Conditional result was False',
}

/** As Ansible's command gives them: without newlines at the end. */
export const outputResult = ({code, stdout, stderr}: Answer) => {
  const [out, err] = [stdout, stderr].map(text => text.replace(/[\r\n]+$/, ''))
  return {rc: code, stdout: out ?? '', stdout_lines: linesOf(out), stderr: err ?? '', stderr_lines: linesOf(err)}
}

/** Where Python's splitlines parts text. */
// oxlint-disable-next-line no-control-regex -- file, group and record separators end lines in Python
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/
const linesOf = (text = ''): readonly string[] => (text === '' ? [] : text.split(lineEnd))
