import type {EventSource} from 'gatewright'

/** What the watcher writes down; sessions without their keys. */
export const events: readonly EventSource[] = [
  {
    unit: 'gatewright-wireguard',
    kind: 'tunnel',
    says: line =>
      /^\S+ (?:was down: .*|is gone: .*|is back|is up: .*|is down: .*)$|^(?:connect|disconnect|roam) /.test(line)
        ? line.replaceAll(/ key=\S+/g, '')
        : undefined,
  },
]
