import {type Answer, Unreadable} from './resource.ts'

/** Reads `name=value` lines, as systemctl-show(1) prints them. Throws Unreadable with the host's words. */
export const readProperties = (what: string, {code, stdout, stderr}: Answer): ReadonlyMap<string, string> => {
  if (code !== 0) throw new Unreadable(stderr.trim() || `${what}: the probe ended with exit code ${code}`)
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const equals = line.indexOf('=')
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]]
    }),
  )
}

/** Being started, reloaded or up. `activating (auto-restart)` is a daemon that has died and waits for its next try. */
export const isRunning = (active: string | undefined, sub: string | undefined): boolean =>
  active === 'active' ||
  active === 'reloading' ||
  active === 'refreshing' ||
  (active === 'activating' && sub !== 'auto-restart')

/** Seconds since 1970 of `Sat 2025-11-22 14:53:01.123456 UTC` (--timestamp=us+utc); undefined when empty. */
export const readTimestamp = (text: string | undefined): number | undefined => {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC/.exec(text ?? '')
  return found ? Date.parse(`${found[1]}T${found[2]}Z`) / 1000 + Number(found[3] ?? 0) : undefined
}
