import {EventEmitter} from 'node:events'
import {join} from 'node:path'
import {type Io, main} from '../../src/cli/cli.ts'
import {localSession} from '../../src/transport/scripted.ts'
import type {Connect} from '../../src/transport/transport.ts'

export const siteDirectory = join(import.meta.dirname, '../fixtures/cli/site')
export const inventory = join(siteDirectory, 'hosts.yml')
export const playbook = (name: string): string => join(siteDirectory, 'playbooks', `${name}.yml`)

/** Every host is a shell on this machine. */
export const local: Connect = async target => localSession({host: target.host})

export type Result = {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly connections: number
}

/** Calls the command line in this process; connections are counted and made by `connect`. */
export const run = async (
  argv: readonly string[],
  {connect = local, env = {}, ...others}: Partial<Io> = {},
): Promise<Result> => {
  const written = {stdout: '', stderr: ''}
  let connections = 0
  const code = await main(argv, {
    stdout: {write: text => void (written.stdout += text)},
    stderr: {write: text => void (written.stderr += text)},
    env,
    cwd: process.cwd(),
    signals: new EventEmitter(),
    connect(target) {
      connections++
      return connect(target)
    },
    ...others,
  })
  return {code, ...written, connections}
}
