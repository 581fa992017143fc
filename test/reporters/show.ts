/**
 * A look by eye: `sh bin/with-node test/reporters/show.ts check|apply HOSTS [fate of the second host] [-D] [-v] [--slow]`
 * plays an event stream to this terminal.
 */
import {plain} from '../../src/reporters/plain.ts'
import {styleFor} from '../../src/reporters/style.ts'
import {terminal} from '../../src/reporters/terminal.ts'
import {type Fate, stream} from './streams.ts'

const flags = process.argv.slice(2).filter(word => word.startsWith('-'))
const [mode = 'check', hosts = '2', fate = 'fine'] = process.argv.slice(2).filter(word => !word.startsWith('-'))
const view = {diff: flags.includes('-D'), verbosity: flags.filter(flag => flag === '-v').length}
const style = styleFor(process.stdout, process.env)
const make = process.stdout.isTTY && !flags.includes('--plain') ? terminal : plain
const reporter = make(process.stdout, {style, view})
const events = stream(mode === 'apply' ? 'apply' : 'check', Number(hosts), index =>
  index === 1 ? (fate as Fate) : 'fine',
)
for (const event of events) {
  reporter.on(event)
  if (flags.includes('--slow')) await new Promise(resolve => setTimeout(resolve, 30))
}
await reporter.close?.()
