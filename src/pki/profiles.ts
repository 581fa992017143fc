const dayMs = 86_400_000

/** What a certificate is for; its extended key usage, which OpenVPN’s remote-cert-tls asks for. */
export const profiles = {server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2'} as const
export type Profile = keyof typeof profiles

/** Reasons of RFC 5280 5.3.1 that concern single certificates, with their numbers. */
export const reasons = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const
export type Reason = keyof typeof reasons

export const lifetimes = {
  authorityDays: 3650,
  /** About 13 months, so that what is renewed each year has a month to spare. */
  leafDays: 397,
  /** easy-rsa's default. A list that has ended locks everybody out, so it is renewed at half of it. */
  crlDays: 180,
  /** A WireGuard key has no end of its own; so old, it is to be changed. */
  wireguardDays: 365,
  /** A certificate with fewer days left is due. */
  dueDays: 30,
} as const

/** Validity begins that much earlier, for hosts whose clock is behind. */
const backdateMs = 3_600_000

export type Span = {readonly from: Date; readonly until: Date}

/** X.509 knows whole seconds. */
const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000)

export const spanOf = (now: Date, lengthMs: number, end = Number.POSITIVE_INFINITY): Span => ({
  from: wholeSeconds(now.getTime() - backdateMs),
  until: wholeSeconds(Math.min(now.getTime() + lengthMs, end)),
})

export const daysMs = (days: number): number => days * dayMs

/** Whole days until a time; negative after it. */
export const daysUntil = (until: Date, now: Date): number => Math.floor((until.getTime() - now.getTime()) / dayMs)
