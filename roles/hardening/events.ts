import type {EventSource} from 'gatewright'

export const events: readonly EventSource[] = [
  {
    unit: 'chrony',
    kind: 'clock',
    says: line =>
      /Selected source|System clock wrong|Can't synchronise|falseticker/.test(line)
        ? line.replace(/^\S+T\S+Z /, '')
        : undefined,
  },
]
