import {spawnSync} from 'node:child_process'
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {type FaultTexts, healScript, injectScript} from '../../src/drill/fault-script.ts'

/** A machine whose systemd and logger write down what they are told. */
const machine = () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-fault-'))
  for (const name of ['systemctl', 'systemd-run', 'logger']) {
    writeFileSync(
      join(directory, name),
      `#!/bin/sh\necho "${name} $*" >>${directory}/log\nfor last; do :; done\nprintf '%s' "$last" >${directory}/\${0##*-}-last\n[ ! -e ${directory}/broken-${name} ]\n`,
    )
    chmodSync(join(directory, name), 0o755)
  }
  const env = {PATH: `${directory}:${process.env.PATH}`}
  return {
    directory,
    run: (script: string) => spawnSync('/bin/sh', ['-c', script], {env, encoding: 'utf8'}),
    log: () => readFileSync(join(directory, 'log'), 'utf8'),
    break: (name: string) => writeFileSync(join(directory, `broken-${name}`), ''),
    [Symbol.dispose]: () => rmSync(directory, {recursive: true}),
  }
}

const fault = (directory: string): FaultTexts => ({
  name: 'x-test',
  what: "it's broken",
  inject: `echo inject >>${directory}/log`,
  heal: `echo heal >>${directory}/log`,
})

test('the removal is armed before anything is broken', t => {
  using host = machine()
  const {status} = host.run(injectScript(fault(host.directory), 20))
  t.is(status, 0)
  const lines = host.log()
  t.regex(lines, /--on-active=20 --timer-property=AccuracySec=100ms \/bin\/sh -c echo heal/)
  t.true(
    lines.indexOf('systemd-run') <
      lines.indexOf("logger -t gatewright-drill -p user.notice -- x-test: it's broken; for 20 s"),
  )
  t.true(lines.indexOf("it's broken") < lines.indexOf('\ninject'))
})

test('where the removal cannot be armed nothing is broken', t => {
  using host = machine()
  host.break('systemd-run')
  t.is(host.run(injectScript(fault(host.directory), 20)).status, 1)
  t.notRegex(host.log(), /inject/)
})

test('what the timer runs heals and says so', t => {
  using host = machine()
  host.run(injectScript(fault(host.directory), 5))
  const removal = readFileSync(join(host.directory, 'run-last'), 'utf8')
  writeFileSync(join(host.directory, 'log'), '')
  host.run(removal)
  t.regex(host.log(), /^heal\nlogger .*x-test: removed by the timer of this host\n$/)
})

test('healing removes the fault first and the timer after it', t => {
  using host = machine()
  t.is(host.run(healScript(fault(host.directory))).status, 0)
  const lines = host.log().trim().split('\n')
  t.is(lines[0], 'heal')
  t.is(lines.at(-1), 'systemctl stop gatewright-drill-x-test.timer')
})
