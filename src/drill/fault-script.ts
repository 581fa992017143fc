import {quote} from '../shell/quote.ts'

/** Begins the names of units that remove a fault: what an armed fault is recognised by. */
export const faultUnit = 'gatewright-drill'
/** Marks the lines of faults in a journal. */
export const faultTag = 'gatewright-drill'
/** Longest time that a fault may be armed for, in seconds. */
export const longestSeconds = 3600

export type FaultTexts = {
  /** Unique among the faults of a host: `vrrp-hang`. */
  readonly name: string
  /** What happens, for the journal. */
  readonly what: string
  readonly inject: string
  /** Brings everything back, and harms nothing where nothing was injected. */
  readonly heal: string
}

const note = (text: string): string => `logger -t ${faultTag} -p user.notice -- ${quote(text)}`

/**
 * Arms the removal, then injects. The timer counts from now by the monotonic clock (systemd.timer(5), OnActiveSec) and is exact
 * to a tenth of a second, where systemd would allow itself a minute (AccuracySec).
 */
export const injectScript = ({name, what, inject, heal}: FaultTexts, seconds: number): string => {
  const unit = `${faultUnit}-${name}`
  const removal = `${heal}\n${note(`${name}: removed by the timer of this host`)}`
  return `set -u
systemctl stop ${unit}.timer ${unit}.service 2>/dev/null
systemctl reset-failed ${unit}.service 2>/dev/null
systemd-run --quiet --collect --unit=${unit} --on-active=${seconds} --timer-property=AccuracySec=100ms /bin/sh -c ${quote(removal)} || exit 1
${note(`${name}: ${what}; for ${seconds} s`)}
${inject}`
}

/** Removes the fault now, and the timer after it: whatever ends this in between, one of them has removed it. */
export const healScript = ({name, heal}: FaultTexts): string => {
  const unit = `${faultUnit}-${name}`
  return `${heal}
${note(`${name}: removed`)}
systemctl stop ${unit}.timer 2>/dev/null || :`
}
