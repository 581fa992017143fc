import {existsSync, globSync, readdirSync, readFileSync} from 'node:fs'
import {run} from '../../lab/run.ts'

/**
 * Everything on this machine that bears the name of a lab: namespaces, mounts, directories, control groups, processes (by
 * command line or control group) and, of the given ports, those that somebody listens on. Empty after `lab down`.
 */
export async function labTraces(name: string, ports: readonly number[]): Promise<string[]> {
  const listening = (await run(['ss', '-Hltn'])).stdout.split('\n')
  return [
    ...namesIn('/run/netns').filter(namespace => namespace.startsWith(`gwlab-${name}-`)),
    ...text('/proc/mounts')
      .split('\n')
      .filter(line => line.includes(`/gatewright-lab/${name}/`)),
    ...['/run', '/var/lib'].flatMap(parent =>
      namesIn(`${parent}/gatewright-lab`).filter(entry => entry.split('.')[0] === name),
    ),
    ...globSync(`/sys/fs/cgroup/{,*/}gwlab-${name}`),
    ...namesIn('/proc').filter(pid => /^\d+$/.test(pid) && Number(pid) !== process.pid && isOfLab(pid, name)),
    ...ports.filter(port => listening.some(line => line.includes(`:${port} `))).map(String),
  ]
}

function isOfLab(pid: string, name: string): boolean {
  // Dead, and only kept until its parent asks for the exit code.
  if (/\) Z /.test(text(`/proc/${pid}/stat`))) return false
  const commandLine = text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
  return text(`/proc/${pid}/cgroup`).includes(`gwlab-${name}/`) || commandLine.includes(`gatewright-lab/${name}/`)
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
