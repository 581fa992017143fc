import test from 'ava'
import {onlyFilesKind} from '../../src/resources/only-files.ts'

test('files that are not asked for go; what cannot be read is an error', t => {
  const desired = {directory: '/x', names: ['alice']}
  const current = onlyFilesKind.probe(desired).parse({code: 0, stdout: 'alice\nmallory\n', stderr: ''})
  t.deepEqual(onlyFilesKind.diff(desired, current as never), [{path: 'mallory', from: 'present', to: 'absent'}])
  t.throws(() => onlyFilesKind.probe(desired).parse({code: 2, stdout: '', stderr: 'ls: no'}), {message: 'ls: no'})
})
