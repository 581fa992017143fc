/** What a run of check mode found on a host, and when. */
export type Drift = {readonly changes: number; readonly at: number}

type Event = {
  readonly event?: string
  readonly time?: string
  readonly mode?: string
  readonly command?: string
  readonly hosts?: readonly {readonly host?: string; readonly status?: string; readonly counts?: {changed?: number}}[]
}

/**
 * Reads what `gatewright check ... --json` printed. Only a whole check tells: of everything that the playbook says of the host.
 * @throws Error that says why it tells nothing about this host
 */
export const driftIn = (text: string, host: string): Drift => {
  const events = text.split('\n').flatMap(line => (line.trim() === '' ? [] : [eventIn(line)]))
  const summary = events.findLast(({event}) => event === 'summary')
  if (!summary) throw new Error('it has no summary: was the check ended before it was done?')
  if (summary.mode !== 'check')
    throw new Error('it is no run of check mode: gatewright check playbooks/site.yml --json')
  const [, partial] =
    /(?:^| )(--tags|--skip-tags|--start-at-task)\b/.exec(
      events.find(({event}) => event === 'run-start')?.command ?? '',
    ) ?? []
  if (partial !== undefined) throw new Error(`it was a check with ${partial}, which has not looked at everything`)
  const found = summary.hosts?.find(each => each.host === host)
  if (!found) throw new Error(`it was no check of ${host}`)
  const {status, counts} = found
  if (status !== 'ok' && status !== 'changed') throw new Error(`of ${host} it found nothing out: ${status}`)
  return {changes: counts?.changed ?? 0, at: Math.floor(Date.parse(summary.time ?? '') / 1000)}
}

const eventIn = (line: string): Event => {
  try {
    return JSON.parse(line) as Event
  } catch {
    throw new Error(`no line of gatewright check --json: ${line.slice(0, 60)}`)
  }
}
