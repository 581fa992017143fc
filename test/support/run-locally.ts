import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import type {ExecutionContext} from 'ava'
import type {Mode, PlannedItem} from '../../src/events.ts'
import {load} from '../../src/playbook/load.ts'
import type {LoadOptions} from '../../src/playbook/model.ts'
import {runFleet} from '../../src/playbook/run.ts'
import {type LocalSession, localSession} from '../../src/transport/scripted.ts'
import {TransportError} from '../../src/transport/transport.ts'
import {Told} from './fake-host.ts'
import {keptBelow} from './kept-below.ts'

type Options = Partial<LoadOptions> & {
  readonly mode?: Mode
  readonly forks?: number
  /** Files beside the playbook. */
  readonly files?: Readonly<Record<string, string>>
  /** Hosts to which there is no way. */
  readonly unreachable?: readonly string[]
  readonly forceSick?: string
}

export type LocalRun = {
  readonly code: number
  readonly told: Told
  /** `verdict id` of every item of a host, as it ended. */
  readonly items: (host?: string) => readonly string[]
  readonly item: (id: string, host?: string) => PlannedItem | undefined
  /** Fragments of each request that a host was sent. */
  readonly requests: (host?: string) => readonly (readonly string[])[]
}

export type LocalSite = {
  /** Where playbooks find their `{{ base }}`. */
  readonly base: string
  run(playbook: string, options?: Options): Promise<LocalRun>
  read(path: string): string
  /** Names below the base. */
  names(): readonly string[]
}

/**
 * Playbooks on hosts that are shells of this machine: real commands and real files below a directory, `{{ base }}`. The
 * hosts share it and have nothing else in common.
 */
export const localSite = (
  t: ExecutionContext,
  hosts: readonly string[] = ['gw1'],
  varsOf: (host: string) => Readonly<Record<string, unknown>> = () => ({}),
): LocalSite => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-local-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true, maxRetries: 5}))
  const base = join(directory, 'base')
  mkdirSync(base)
  const inventory = join(directory, 'hosts.yml')
  writeFileSync(
    inventory,
    JSON.stringify({all: {vars: {base}, hosts: Object.fromEntries(hosts.map(name => [name, varsOf(name)]))}}),
  )
  return {
    base,
    async run(playbook, {mode = 'apply', forks = 5, files = {}, unreachable = [], forceSick, ...options} = {}) {
      const path = join(directory, 'site.yml')
      for (const [name, text] of Object.entries({...files, 'site.yml': playbook})) {
        mkdirSync(dirname(join(directory, name)), {recursive: true})
        writeFileSync(join(directory, name), text)
      }
      const fleet = await load({playbooks: [path], inventories: [inventory], projectDirectory: directory, ...options})
      const told = new Told()
      const sessions = new Map<string, LocalSession>()
      const code = await runFleet({
        fleet,
        mode,
        forks,
        emit: told.emit,
        signal: new AbortController().signal,
        command: 'test',
        lockWaitSeconds: 5,
        ...(forceSick !== undefined && {forceSick}),
        async connect({host}) {
          if (unreachable.includes(host)) throw new TransportError('unreachable', host, `no route to ${host}`)
          const session = localSession({host, keepaliveMs: 60_000})
          sessions.set(host, session)
          return keptBelow(session, join(directory, 'state', host))
        },
      })
      // Commands are told apart by their place.
      const shown = (id: string): string => id.replaceAll(`${base}/`, '').replace(/ \(\S+:\d+\)$/, '')
      const itemsOf = (host: string): readonly PlannedItem[] => {
        const items = new Map<string, PlannedItem>()
        for (const {items: planned, host: name} of told.of('planned'))
          if (name === host) planned.forEach((item, index) => items.set(`${index} ${item.id}`, item))
        const ended = told.of('item-end').filter(event => event.host === host)
        return mode === 'check' ? [...items.values()] : ended.map(({item}) => item)
      }
      return {
        code,
        told,
        items: (host = hosts[0] ?? '') => itemsOf(host).map(({verdict, id}) => `${verdict} ${shown(id)}`),
        item: (id, host = hosts[0] ?? '') => itemsOf(host).findLast(item => shown(item.id) === id || item.name === id),
        requests: (host = hosts[0] ?? '') =>
          sessions.get(host)?.requests.map(({fragments}) => fragments.map(({id, title}) => title ?? id)) ?? [],
      }
    },
    read: path => readFileSync(join(base, path), 'utf8'),
    names: () =>
      readdirSync(base)
        .filter(name => statSync(join(base, name)).isFile())
        .toSorted(),
  }
}
