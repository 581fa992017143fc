// Types, lint rules, format and unused code: everything that can be said without running the program.
import {runTool} from './node-bin.ts'

export const checks: readonly {readonly title: string; readonly command: readonly [string, ...string[]]}[] = [
  {title: 'types (tsc)', command: ['tsc', '-p', '.']},
  {
    title: 'lint rules (oxlint)',
    command: ['oxlint', '--type-aware', '--deny-warnings', 'src', 'lab', 'roles', 'test', 'scripts'],
  },
  {title: 'format (biome)', command: ['biome', 'check', '.']},
  {title: 'unused code (knip)', command: ['knip', '--no-progress']},
]

if (import.meta.main) {
  let failed = 0
  for (const {
    title,
    command: [command, ...args],
  } of checks) {
    const code = await runTool(command, args)
    console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${title}`)
    failed += code === 0 ? 0 : 1
  }
  process.exitCode = failed > 0 ? 3 : 0
}
