import {
  $,
  type Fact,
  type LiveContext,
  type LiveProblem,
  readCertificate,
  readRevocationList,
  Unreadable,
} from 'gatewright'
import {cipherProblems} from './cipher-problems.ts'
import {etc} from './places.ts'
import {credentialsOf, type OpenvpnVars} from './vars.ts'

/** The host's clock, and until when the certificates and lists in its files last. */
export type CredentialsOnHost = {
  readonly now: Date
  readonly files: readonly {readonly path: string; readonly until: Date; readonly daysLeft: number}[]
}

const dayMs = 86_400_000

export const credentialsOnHost: Fact<CredentialsOnHost> = {
  name: 'credentials of OpenVPN',
  command: $`date +%s
for f in ${etc}/server/*/ ${etc}/client/*/; do
  for name in ca.crt cert.crt crl.pem; do [ ! -f "$f$name" ] || { echo "file $f$name"; cat "$f$name"; echo; }; done
done
exit 0`,
  parse({code, stdout, stderr}) {
    const [head = '', ...files] = stdout.split(/^file /m)
    if (code !== 0 || !/^\d+\n$/.test(head)) throw new Unreadable(stderr.trim() || `exit code ${code}`)
    const now = new Date(Number(head) * 1000)
    return {
      now,
      files: files.flatMap(text => {
        const path = text.split('\n', 1)[0] ?? ''
        const until = (readCertificate(text) ?? readRevocationList(text))?.until
        return until === undefined
          ? []
          : [{path, until, daysLeft: Math.floor((until.getTime() - now.getTime()) / dayMs)}]
      }),
    }
  },
}

type Context = LiveContext<
  OpenvpnVars,
  {readonly credentialsOnHost: CredentialsOnHost; readonly cpu: {readonly aes: boolean; readonly model: string}}
>

/** What is right by the clock of the control machine may be wrong by that of the host, which then lets nobody in. */
export const liveProblems = ({vars, host, facts}: Context): readonly LiveProblem[] => [
  ...clockProblems({vars, host, facts}),
  ...cipherProblems(vars, host, facts.cpu),
]

const clockProblems = ({vars, host, facts}: Pick<Context, 'vars' | 'host' | 'facts'>): readonly LiveProblem[] => {
  const {now} = facts.credentialsOnHost
  const instances = [
    ...vars.servers.map(instance => ({instance, variable: 'servers'})),
    ...vars.clients.map(instance => ({instance, variable: 'clients'})),
  ]
  return instances.flatMap(({instance, variable}) => {
    const {cert = '', crl = ''} = credentialsOf(vars, instance)
    const parts = [
      ['certificate', 'cert', readCertificate(cert)],
      ['list of revoked certificates', 'crl', readRevocationList(crl)],
    ] as const
    return parts.flatMap(([what, part, read]) =>
      read === undefined || (read.from <= now && now < read.until)
        ? []
        : [
            {
              rule: 'openvpn-clock',
              variable: instance[part] === undefined ? part : variable,
              what: `by the clock of ${host.name}, ${now.toISOString()}, the ${what} of ${instance.name} is not valid (${read.from.toISOString()} to ${read.until.toISOString()})`,
              fix: 'set the clock of the host right',
            },
          ],
    )
  })
}
