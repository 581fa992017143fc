import test from 'ava'
import {changeText} from '../../src/reporters/change-text.ts'

test('each of several packages is told by its name', t => {
  t.is(changeText({path: 'state of frr', from: 'absent', to: 'installed'}), 'frr installed')
  t.is(changeText({path: 'state of frr', from: 'installed', to: 'absent'}), 'frr removed')
  t.is(changeText({path: 'state of frr', from: '8.4.4-1', to: '8.4.4-2'}), 'frr 8.4.4-1 -> 8.4.4-2')
  t.is(changeText({path: 'state', from: 'absent', to: 'installed'}), 'new')
  t.is(changeText({path: 'mark of frr', from: 'automatic', to: 'manual'}), 'mark of frr automatic -> manual')
})
