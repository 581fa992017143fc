import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

/** `count` of those online; `aes`: encrypts in hardware. */
export const cpu: Fact<{readonly count: number; readonly model: string; readonly aes: boolean}> = {
  name: 'cpu',
  // The names differ between x86 and Arm.
  command: $`nproc --all 2>/dev/null || grep -c ^processor /proc/cpuinfo; grep -m 1 -E '^(model name|Model|Processor)[[:space:]]*:' /proc/cpuinfo || echo :; grep -m 1 -qE '^(flags|Features)[[:space:]]*:.* aes( |$)' /proc/cpuinfo && echo aes; exit 0`,
  parse(answer) {
    const [count, model = '', aes] = linesOf('cpu', answer)
    return {count: Number(count), model: model.slice(model.indexOf(':') + 1).trim(), aes: aes === 'aes'}
  },
}

/** In MiB. `available` is what new programs can take without swapping. */
export const memory: Fact<{readonly totalMiB: number; readonly availableMiB: number}> = {
  name: 'memory',
  command: $`cat /proc/meminfo`,
  parse(answer) {
    const text = linesOf('memory', answer).join('\n')
    const mebibytes = (name: string) =>
      Math.floor(Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024)
    return {totalMiB: mebibytes('MemTotal'), availableMiB: mebibytes('MemAvailable')}
  },
}
