import {existsSync} from 'node:fs'
import {homedir, userInfo} from 'node:os'
import {join} from 'node:path'
import {expandPath} from '../playbook/paths.ts'
import type {Target} from '../transport/transport.ts'

const defaultTimeoutSeconds = 10
const keepaliveMs = 15_000
const defaultKnownHosts = [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts']

/** `ansible_become: "yes"` and the like. */
export const isYes = (value: unknown): boolean => value === true || /^(true|yes)$/i.test(String(value))

export const pathsOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat().map(path => expandPath(path))

/** How a host is reached, from its checked connection variables. */
export const targetOf = (host: string, values: Readonly<Record<string, any>>, user: string | undefined): Target => ({
  host,
  address: values['ansible_host'] ?? host,
  port: Number(values['ansible_port'] ?? 22),
  user: user ?? values['ansible_user'] ?? userInfo().username,
  keyFiles: pathsOf(values['ansible_ssh_private_key_file']),
  ...(values['ansible_password'] !== undefined && {password: String(values['ansible_password'])}),
  knownHosts:
    values['gatewright_known_hosts'] === undefined
      ? defaultKnownHosts.filter(path => existsSync(path))
      : pathsOf(values['gatewright_known_hosts']),
  ...(values['gatewright_host_key'] !== undefined && {hostKeys: [values['gatewright_host_key']].flat()}),
  connectTimeoutMs: Number(values['ansible_ssh_timeout'] ?? defaultTimeoutSeconds) * 1000,
  keepaliveMs,
  ...(values['ansible_become_password'] !== undefined && {
    become: {password: String(values['ansible_become_password'])},
  }),
})
