import {InvalidInput} from '../../../diagnostic.ts'
import {placeOf} from '../../../diagnostics/positions.ts'
import {wait} from '../../../resources/wait.ts'
import type {Module} from '../module.ts'
import {mapping, path, text} from '../schema-parts.ts'

const seconds = {type: 'integer', minimum: 0} as const

export const waitForModule: Module = {
  about:
    'Waits until a path or a TCP port is there or gone, as the host sees it. Where nothing has changed before it, the host as it is decides. Ports are tried with bash.',
  example: {port: 22, timeout: 60},
  schema: mapping(
    {
      host: text,
      port: {type: 'integer', minimum: 1, maximum: 65_535},
      path,
      search_regex: {...text, description: 'a regular expression of one line'},
      state: {enum: ['started', 'present', 'stopped', 'absent'], description: 'started, present, stopped or absent'},
      timeout: seconds,
      delay: seconds,
      sleep: {type: 'integer', minimum: 1},
      connect_timeout: {type: 'integer', minimum: 1},
      msg: text,
    },
    [],
  ),
  refused: {
    exclude_hosts: {why: 'it belongs to the state drained', fix: "use 'command' with 'until'"},
    active_connection_states: {why: 'it belongs to the state drained', fix: "use 'command' with 'until'"},
  },
  make: (parameters, {notify, taskId, at}) => {
    const {path: file, port, state = 'started', search_regex: search, msg: message} = parameters
    const isAbsent = state === 'absent' || state === 'stopped'
    const fail = (what: string, fix: string, key: string): InvalidInput =>
      new InvalidInput([{rule: 'invalid-parameter', what, fix, at: placeOf(parameters, [key]) ?? at}])
    if (file === undefined && port === undefined)
      throw fail("'wait_for' without path and port is a pause", "write 'command: sleep SECONDS'", 'timeout')
    if (file !== undefined && port !== undefined)
      throw fail("'path' and 'port' are two different things", 'make a task of each', 'port')
    if (file !== undefined && state === 'stopped') throw fail('a path is not stopped', "write 'state: absent'", 'state')
    if (isAbsent && search !== undefined)
      throw fail('what is gone says nothing to search', "remove 'search_regex'", 'search_regex')
    return [
      wait({
        ...(file === undefined ? {port} : {path: file}),
        host: parameters['host'] ?? '127.0.0.1',
        state: isAbsent ? 'absent' : 'present',
        ...(search !== undefined && {search}),
        timeoutSeconds: parameters['timeout'] ?? 300,
        delaySeconds: parameters['delay'] ?? 0,
        sleepSeconds: parameters['sleep'] ?? 1,
        connectTimeoutSeconds: parameters['connect_timeout'] ?? 5,
        ...(message !== undefined && {message}),
        taskId,
        notify,
      }),
    ]
  },
}
