import {$, type Kind, resourceOf} from 'gatewright'
import {loadedOf, type Side, sessionsOf, unitOf} from '../places.ts'

export type CertificateInUseDesired = {
  readonly side: Side
  readonly name: string
  /** Serial and end of the certificate on disk, as this run leaves it. */
  readonly certificateId: string
  readonly restartDays: number
}
export type CertificateInUseState = {
  /** That of the running process; undefined where none runs. */
  readonly loaded: string | undefined
  readonly daysLeft: number
  readonly sessions: number
}

/**
 * That a process does not live on with a certificate that is about to end. OpenVPN reads it once, at its start; sessions that stand
 * do not mind, so the start is put off until nobody is connected or there is not much time left.
 */
export const certificateInUseKind: Kind<CertificateInUseDesired, CertificateInUseState> = {
  name: 'certificate-in-use',
  identify: ({side, name}) => unitOf(side, name),
  probe: ({side, name}) => ({
    command: $`
systemctl is-active --quiet -- ${unitOf(side, name)} && cat ${loadedOf(side, name)} 2>/dev/null || echo none
date +%s
ls -A ${sessionsOf(name)} 2>/dev/null | wc -l`,
    parse({stdout}) {
      const [loaded = '', now = '', sessions = ''] = stdout.split('\n')
      if (loaded === 'none') return {loaded: undefined, daysLeft: 0, sessions: 0}
      // A client is connected all the time.
      return {
        loaded,
        daysLeft: (Number(loaded.split(' ')[1]) - Number(now)) / 86_400,
        sessions: side === 'client' ? 1 : Number(sessions),
      }
    },
  }),
  diff: ({certificateId, restartDays}, {loaded, daysLeft, sessions}) =>
    loaded === undefined || loaded === certificateId || (sessions > 0 && daysLeft >= restartDays)
      ? []
      : [{path: 'certificate', from: `${loaded}, in use`, to: certificateId}],
  steps: ({side, name}) => [
    {
      do: 'run',
      title: `restart ${unitOf(side, name)}, which runs with its former certificate`,
      timeoutMs: 60_000,
      command: $`systemctl restart -- ${unitOf(side, name)}`,
    },
  ],
  problems: () => [],
}

/** `certificateInUse({side: 'server', name: 'road', certificateId: '4a70… 1829721600', restartDays: 14})` */
export const certificateInUse = resourceOf(certificateInUseKind)
