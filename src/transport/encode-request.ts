import {quote} from '../shell/quote.ts'
import type {Fragment} from './transport.ts'

/** Longer scripts do not fit into one argument of the kernel (128 KiB), so they have no limit on the host. */
const longestLimitedScript = 100_000

/** A request on the wire, laid out as loop.ts tells. */
export const encodeRequest = (fragments: readonly Fragment[], first: number): Buffer => {
  const calls = fragments.map((fragment, index) => {
    const {script, input, timeoutMs, prelude, step = false} = fragment
    const flags = `.${step ? 's' : ''}${step || prelude !== undefined ? 'k' : ''}${prelude === undefined ? '' : 'p'}`
    const limited = timeoutMs !== undefined && script.length < longestLimitedScript
    const limit = limited ? timeoutMs / 1000 : 0
    return `f ${first + index} ${flags} ${input?.length ?? 0} ${limit} ${quote(script)} ${quote(prelude ?? '')}\n`
  })
  const batch = Buffer.from(calls.join(''))
  const inputs = fragments.flatMap(({input}) => (input === undefined ? [] : [input]))
  return Buffer.concat([Buffer.from(`${batch.length}\n`), batch, ...inputs])
}
