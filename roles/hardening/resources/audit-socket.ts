import {$, type Kind, type Resource, resourceOf, unsupported} from 'gatewright'

/** Whether auditd can run: it speaks to the one audit socket of the kernel, which belongs to the machine and to no container. */
export const auditSocketKind: Kind<{readonly name: string}, 'there'> = {
  name: 'audit-socket',
  identify: ({name}) => name,
  probe: () => ({
    command: $`systemd-detect-virt --container`,
    parse({stdout}) {
      const container = stdout.trim()
      return container === 'none' || container === ''
        ? 'there'
        : unsupported(`auditd cannot run in a container (${container}): the kernel's audit socket is the machine's`)
    },
  }),
  diff: () => [],
  steps: () => [],
  problems: () => [],
}

const build = resourceOf(auditSocketKind)
export const auditSocket = (): Resource<{readonly name: string}, 'there'> => build({name: 'auditd'})
