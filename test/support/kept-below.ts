import {join} from 'node:path'
import {openState} from '../../src/executor/state-directory.ts'
import {quote} from '../../src/shell/quote.ts'
import type {LocalSession} from '../../src/transport/scripted.ts'
import type {Fragment, Session} from '../../src/transport/transport.ts'

const [, where = ''] = openState({runId: 'r1'}).split('\n')

/** The engine's directory on the host becomes one below `directory`. */
export const keptBelow = (session: LocalSession, directory: string): Session => {
  const moved = (text: string): string => text.replaceAll(where, `gw=${quote(join(directory, 'state'))}`)
  const redirect = (fragment: Fragment): Fragment => {
    const script = moved(fragment.script)
    if (fragment.step && script === fragment.script) throw new Error('the fragment would leave its directory')
    return {...fragment, script, ...(fragment.prelude !== undefined && {prelude: moved(fragment.prelude)})}
  }
  return {
    ...session,
    shell: options => {
      const shell = session.shell(options)
      return {
        hello: () => shell.hello(),
        request: (fragments, watch) => shell.request(fragments.map(redirect), watch),
      }
    },
  }
}
