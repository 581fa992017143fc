import type {EventSource} from 'gatewright'

export const events: readonly EventSource[] = [
  {
    unit: 'gatewright-mwan',
    kind: 'uplink',
    says: line => (/ is (up|down|degraded), it was |^(steers|watches only)$| prefers /.test(line) ? line : undefined),
  },
]
