import {$, type Change, type Kind, resourceOf, Secret, sha256Of, Unreadable} from 'gatewright'
import {ports, zabbix} from '../places.ts'
import {lookPhp, settlePhp} from '../programs/zabbix-site.ts'
import {templateName} from '../zabbix/entry.ts'

export type ZabbixHost = {
  readonly name: string
  readonly address: string
  readonly identity: string
  readonly key: Secret
}
/** Zabbix' hosts of a group: those that the inventory has, each asked by its agent; others of the group are left alone. */
export type ZabbixSiteDesired = {readonly group: string; readonly hosts: readonly ZabbixHost[]}

type Found = {
  readonly name: string
  readonly isOn: boolean
  readonly inGroup: boolean
  readonly hasTemplate: boolean
  readonly address: string
  readonly byKey: boolean
  readonly identity: string
  readonly digest: string
}
export type ZabbixSiteState =
  /** Nothing is there yet but what Zabbix brings. */
  | {readonly is: 'absent'}
  /** Nobody can be let in: the password of its file is not Admin's, or something does not run. */
  | {readonly is: 'closed'}
  | {
      readonly is: 'open'
      /** What an import of the template would change. */
      readonly template: readonly string[]
      readonly hosts: readonly Found[]
      /** Hosts that are asked and that the inventory does not have. */
      readonly surplus: readonly string[]
      /** The file with Admin's password, or that of the template, is changed before. */
      readonly changed: readonly ('password' | 'template')[]
    }

/** The host of Zabbix' own initial data: an agent at 127.0.0.1 that nobody has. */
const initialHost = 'Zabbix server'

/**
 * What Zabbix holds in its database: Admin's password, the template, and the hosts. Read and written by its API on this host; keys, which
 * the API never tells, are compared by digests that PostgreSQL makes, and passwords by PHP's own check of the hash.
 */
export const zabbixSiteKind: Kind<ZabbixSiteDesired, ZabbixSiteState> = {
  name: 'zabbix-site',
  identify: ({group}) => group,
  probe: desired => ({
    command: $`
command -v php >/dev/null && command -v psql >/dev/null || { echo '{"is":"absent"}'; exit 0; }
php -r ${lookPhp} -- ${taskOf(desired)}`,
    parse({code, stdout, stderr}) {
      if (code !== 0) throw new Unreadable(stderr.trim() || `exit code ${code}`)
      try {
        return {changed: [], ...JSON.parse(stdout)}
      } catch {
        throw new Unreadable(`not the answer of its program: ${stdout.slice(0, 200)}`)
      }
    },
  }),
  predict: (_desired, current, foresight) =>
    current.is === 'open'
      ? {
          ...current,
          changed: (['password', 'template'] as const).filter(file => foresight.at(zabbix[file]) !== undefined),
        }
      : current,
  diff(desired, current) {
    // The database is there, and whether it is right can be asked only by who is let in.
    if (current.is === 'closed') return 'unknown'
    if (current.is === 'absent')
      return [
        {path: 'password of Admin', from: 'absent', to: 'that of the inventory'},
        {path: 'template', from: 'absent', to: templateName},
        ...desired.hosts.map(host => added(host)),
        leftAlone(initialHost),
      ]
    return [
      ...(current.changed.includes('password')
        ? [{path: 'password of Admin', from: 'another', to: 'that of the inventory'}]
        : []),
      ...(current.changed.includes('template')
        ? [{path: 'template', from: 'another', to: 'that of its file'}]
        : current.template.map(what => ({path: 'template', from: 'another', to: what}))),
      ...desired.hosts.flatMap(host => hostChanges(desired, host, current.hosts)),
      ...current.surplus.map(leftAlone),
    ]
  },
  steps: desired => [
    {
      do: 'wait',
      title: "wait for Zabbix' frontend",
      command: $`php -r ${`exit(@fsockopen("127.0.0.1", ${ports.frontend}) ? 0 : 1);`}`,
      timeoutMs: 60_000,
    },
    {
      do: 'run',
      title: 'set Admin, template and hosts of Zabbix by its API',
      timeoutMs: 600_000,
      command: $`php -r ${settlePhp} -- ${taskOf(desired)}`.reading(
        new Secret(JSON.stringify(desired.hosts.map(host => ({...host, key: host.key.reveal()})))),
      ),
    },
  ],
  problems: () => [],
}

const taskOf = ({group, hosts}: ZabbixSiteDesired): string =>
  JSON.stringify({
    group,
    hosts: hosts.map(({name}) => name),
    initial: initialHost,
    name: templateName,
    template: zabbix.template,
    password: zabbix.password,
    port: String(ports.agent),
  })

const added = ({name, address}: ZabbixHost): Change => ({
  path: `host ${name}`,
  from: 'absent',
  to: `asked at ${address}`,
})

const leftAlone = (name: string): Change => ({path: `host ${name}`, from: 'asked', to: 'left alone'})

const hostChanges = ({group}: ZabbixSiteDesired, host: ZabbixHost, all: readonly Found[]): readonly Change[] => {
  const found = all.find(({name}) => name === host.name)
  if (!found) return [added(host)]
  const path = `host ${host.name}`
  const change = (isRight: boolean, from: string, to: string): Change[] => (isRight ? [] : [{path, from, to}])
  const place = `${host.address} ${ports.agent}`
  return [
    ...change(found.isOn, 'left alone', 'asked'),
    ...change(found.inGroup, 'in other groups', `in the group ${group}`),
    ...change(found.hasTemplate, 'without the template', `with the template ${templateName}`),
    ...change(found.address === place, found.address, place),
    ...change(found.byKey, 'without a key', 'with its key'),
    ...change(found.identity === host.identity, `identity ${found.identity || 'absent'}`, `identity ${host.identity}`),
    ...change(found.digest === sha256Of(host.key.reveal().toLowerCase()), 'another key', 'the key of the inventory'),
  ]
}

/** `zabbixSite({group: 'gatewright', hosts: [{name: 'gw1', address: '10.9.0.2', identity: 'gw1', key}]})` */
export const zabbixSite = resourceOf(zabbixSiteKind)
