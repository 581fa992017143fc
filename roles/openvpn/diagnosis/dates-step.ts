import type {DiagnosisStep} from 'gatewright'
import type {CredentialsOnHost} from '../live-problems.ts'
import type {OpenvpnVars} from '../vars.ts'

/** Clocks of a pair that are further apart make one of the two refuse what the other takes. */
const apartS = 60

/** Until when certificates and lists last, by the clock of the host that judges them. */
export const datesStep: DiagnosisStep<OpenvpnVars, {readonly credentialsOnHost: CredentialsOnHost}> = {
  id: 'openvpn-dates',
  flows: ['vpn-drops'],
  stage: 'credentials',
  asks: 'are certificates and lists of revoked ones valid by its clock',
  look({vars, host, facts: {credentialsOnHost: found}, peers}) {
    if (vars.servers.length + vars.clients.length === 0) return undefined
    const now = found.now.getTime()
    const apart = peers
      .map(peer => ({name: peer.name, seconds: Math.round((now - peer.facts.credentialsOnHost.now.getTime()) / 1000)}))
      .filter(({name, seconds}) => host.name < name && Math.abs(seconds) > apartS)
    const ended = found.files.filter(({until}) => until.getTime() <= now)
    return {
      saw: `${found.files.length} files, the first ends in ${Math.min(...found.files.map(({daysLeft}) => daysLeft))} days`,
      wrong: [
        ...apart.map(({name, seconds}) => ({
          saw: `its clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of ${name}`,
          means:
            'one of the two takes certificates for ended or not yet valid, and WireGuard refuses handshakes from the past',
          repair: `gatewright exec ${host.name},${name} --become -- chronyc makestep`,
        })),
        ...ended.map(({path, until}) => ({
          saw: `${path} has ended at ${until.toISOString()}`,
          means: path.endsWith('crl.pem')
            ? 'a list of revoked certificates that has ended lets nobody in at all'
            : 'the far end refuses a certificate that has ended',
          repair: `gatewright pki renew && gatewright play playbooks/certificates.yml --limit ${host.name}`,
        })),
      ],
    }
  },
}
