import type {NewEvent, PlannedItem} from '../events.ts'

export const hiddenOutput = 'output hidden (no_log)'

/** A function that takes out of events what items with `no_log` say and change, also where a failure repeats it. */
export const hideNoLog = (): ((event: NewEvent) => NewEvent) => {
  const hidden = new Map<string, Set<string>>()
  const failed = new Set<string>()
  const note = (host: string, items: readonly PlannedItem[]): readonly PlannedItem[] => {
    const ids = hidden.get(host) ?? new Set()
    for (const {id, noLog} of items) if (noLog) ids.add(id)
    if (ids.size > 0) hidden.set(host, ids)
    return items.map(hide)
  }
  const isHidden = (host: string, id: string | undefined): boolean =>
    id !== undefined && hidden.get(host)?.has(id) === true
  return event => {
    switch (event.event) {
      case 'planned':
        return {...event, items: note(event.host, event.items)}
      case 'plan-revised':
        return {...event, items: note(event.host, event.items), was: event.was.map(hide)}
      case 'item-end':
        return {...event, item: note(event.host, [event.item])[0] ?? event.item}
      case 'step-start':
        return isHidden(event.host, event.id) ? {...event, title: hiddenOutput} : event
      case 'step-end':
        return isHidden(event.host, event.id) ? {...event, title: hiddenOutput, output: ''} : event
      case 'step-output':
        return isHidden(event.host, event.id) ? {...event, text: ''} : event
      case 'task-log':
        return isHidden(event.host, event.id) ? {...event, message: hiddenOutput} : event
      case 'host-failed':
        if (!isHidden(event.host, event.id)) return event
        failed.add(event.host)
        return {...event, message: hiddenOutput}
      case 'host-end':
        return {...event, summary: censored(event.summary, failed)}
      case 'summary':
        return {...event, hosts: event.hosts.map(summary => censored(summary, failed))}
      default:
        return event
    }
  }
}

const censored = <Summary extends {readonly host: string; readonly error?: string}>(
  summary: Summary,
  failed: ReadonlySet<string>,
): Summary => (failed.has(summary.host) && summary.error !== undefined ? {...summary, error: hiddenOutput} : summary)

const hide = (item: PlannedItem): PlannedItem => {
  if (!item.noLog) return item
  const {reason: _reason, message: _message, ...rest} = item
  return {...rest, changes: [], steps: []}
}
