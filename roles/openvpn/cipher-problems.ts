import type {Host, LiveProblem} from 'gatewright'
import type {OpenvpnVars} from './vars.ts'

/** The order that the inventory gives is kept; where it is the slow one for this processor, somebody should know. */
export const cipherProblems = (
  {ciphers}: OpenvpnVars,
  host: Host,
  {aes, model}: {readonly aes: boolean; readonly model: string},
): LiveProblem[] => {
  const [first] = ciphers ?? []
  if (first === undefined || aes !== (first === 'CHACHA20-POLY1305')) return []
  const cpu = model === '' ? 'the processor' : model
  return [
    {
      rule: 'openvpn-ciphers',
      variable: 'ciphers',
      what: aes
        ? `${cpu} of ${host.name} encrypts AES by itself, and CHACHA20-POLY1305 comes first`
        : `${cpu} of ${host.name} does not encrypt AES by itself, and ${first} comes first`,
      fix: aes
        ? 'put AES-256-GCM first, or leave openvpn_ciphers out: the role orders them by the processor'
        : 'put CHACHA20-POLY1305 first, or leave openvpn_ciphers out: the role orders them by the processor',
      isAdvice: true,
    },
  ]
}
