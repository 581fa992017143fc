import {file, handler, pkg, type Resource, service} from 'gatewright'
import {patientDropIn} from './patient-drop-in.ts'

/** A daemon of Debian's with its arguments in /etc/default; its files come between the package and the start. */
export const daemon = (
  name: string,
  args: readonly string[],
  files: (restart: ReturnType<typeof handler>) => readonly Resource[] = () => [],
): readonly Resource[] => {
  const restart = handler(service.restart(name))
  return [
    pkg({name, provides: {units: [name], directories: ['/etc/prometheus', '/var/lib/prometheus/node-exporter']}}),
    file({
      path: `/etc/default/${name}`,
      content: `# Written by gatewright; changes are overwritten.\nARGS="${args.join(' ')}"\n`,
      notify: [restart],
    }),
    ...patientDropIn(name, restart),
    ...files(restart),
    service({name, enabled: true, running: true}),
  ]
}
