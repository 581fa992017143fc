import {createHash} from 'node:crypto'
import {isIPv4, isIPv6} from 'node:net'
import {type BaseBlock, BitString, fromBER, Integer, OctetString} from 'asn1js'
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  PublicKeyInfo,
  Time,
  TimeType,
} from 'pkijs'
import {addressBytes} from './names.ts'

/** Bytes of their own: a Buffer may be a window on a larger block. */
export const ownBytes = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const extension = (extnID: string, critical: boolean, value: BaseBlock): Extension =>
  new Extension({extnID, critical, extnValue: value.toBER(false)})

/** SHA-1 of the bits of the key, as RFC 5280 4.2.1.2 (1) has it: a name, not a protection. */
const keyIdentifier = (spki: Uint8Array): OctetString => {
  const {subjectPublicKey} = new PublicKeyInfo({schema: fromBER(ownBytes(spki)).result})
  const bits = new Uint8Array(subjectPublicKey.valueBlock.valueHexView)
  return new OctetString({valueHex: ownBytes(createHash('sha1').update(bits).digest())})
}

export const subjectKey = (spki: Uint8Array): Extension => extension('2.5.29.14', false, keyIdentifier(spki))

export const authorityKey = (spki: Uint8Array): Extension =>
  extension('2.5.29.35', false, new AuthorityKeyIdentifier({keyIdentifier: keyIdentifier(spki)}).toSchema())

/** An authority that signs certificates of hosts and clients only, or no authority at all. */
export const basicConstraints = (isAuthority: boolean): Extension =>
  extension(
    '2.5.29.19',
    true,
    new BasicConstraints(isAuthority ? {cA: true, pathLenConstraint: 0} : {cA: false}).toSchema(),
  )

/** Bits of keyUsage, counted from the highest (RFC 5280 4.2.1.3). */
const usageBits = {digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02} as const

export const keyUsage = (...usages: readonly (keyof typeof usageBits)[]): Extension => {
  const bits = usages.reduce((sum, usage) => sum | usageBits[usage], 0)
  const unusedBits = Math.log2(bits & -bits)
  return extension('2.5.29.15', true, new BitString({valueHex: new Uint8Array([bits]).buffer, unusedBits}))
}

export const extendedKeyUsage = (purpose: string): Extension =>
  extension('2.5.29.37', false, new ExtKeyUsage({keyPurposes: [purpose]}).toSchema())

/** Host names and addresses of the subject. */
export const alternativeNames = (names: readonly string[]): Extension =>
  extension(
    '2.5.29.17',
    false,
    new GeneralNames({
      names: names.map(name =>
        isIPv4(name) || isIPv6(name)
          ? new GeneralName({type: 7, value: new OctetString({valueHex: ownBytes(addressBytes(name))})})
          : new GeneralName({type: 2, value: name}),
      ),
    }).toSchema(),
  )

export const crlNumber = (number: number): Extension => extension('2.5.29.20', false, new Integer({value: number}))

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
export const timeOf = (value: Date): Time =>
  new Time({type: value.getUTCFullYear() >= 2050 ? TimeType.GeneralizedTime : TimeType.UTCTime, value})
