import test from 'ava'
import '../../../src/resolve.ts'

const {runningConfigKind: kind} = await import('../resources/running-config.ts')
const desired = {unit: 'frr', file: '/etc/frr/frr.conf'}
const read = (stdout: string, code = 0, stderr = '') => {
  const current = kind.probe(desired).parse({code, stdout, stderr})
  if (!('missing' in current)) throw new Error('unsupported')
  return current
}

test('equal, not running, or not there yet: nothing to do', t => {
  t.deepEqual(kind.diff(desired, read('')), [])
})

test('a line that only one of both has is a change, and a reload puts it right', t => {
  const current = read(
    '-router bgp 65010 / neighbor 192.0.2.1 timers 3 9\n+router bgp 65010 / neighbor 192.0.2.1 timers 5 15\n',
  )
  const changes = kind.diff(desired, current)
  t.deepEqual(changes, [
    {path: 'running configuration', from: 'lacks', to: 'router bgp 65010 / neighbor 192.0.2.1 timers 3 9'},
    {path: 'running configuration', from: 'router bgp 65010 / neighbor 192.0.2.1 timers 5 15', to: 'without'},
  ])
  if (changes === 'unknown') return t.fail()
  t.deepEqual(
    kind.steps(desired, changes, current).map(step => (step.do === 'run' ? step.command.text : step.do)),
    ['systemctl reload frr'],
  )
})

test('daemons that do not answer are unreadable, never equal', t => {
  t.throws(() => read('', 1, 'vtysh cannot ask the daemons\n'), {name: 'Unreadable', message: /cannot ask/})
})
