import type {Emit} from '../events.ts'
import type {Connection} from '../executor/connection.ts'
import {type CheckResult, noQuestions, questionOf} from '../executor/health.ts'
import {gatherFacts} from '../executor/probe.ts'
import type {RunTask} from './lines.ts'
import type {Fleet} from './model.ts'

/** Runs tasks of roles with zx's `$` bound to the host; peers are reached through their own connections. */
export const taskRunner =
  (fleet: Fleet, connectionTo: (host: string) => Connection, emit: Emit): RunTask =>
  async ({call, id, play, host, facts, args, become: user, how}) => {
    const on = (name: string) => {
      if (!fleet.hosts.has(name)) throw new Error(`task ${call.task} needs ${name}, which is not in the inventory`)
      return connectionTo(name)
    }
    const become = user === undefined ? {} : {become: user}
    const inner = fleet.hosts.get(host)?.host
    const task = {run: call.run, plan: call.plan, heal: call.heal}[how]
    if (!inner || !task) throw new Error(`task ${call.task} cannot run on ${host}`)
    const session = await on(host).session()
    return session.withZx(become, $ =>
      task({
        $,
        vars: call.vars.get(host),
        host: inner,
        facts,
        peers: (call.peers.get(host) ?? []).map(peer => ({
          ...peer,
          run: async work => (await on(peer.name).session()).withZx(become, work),
        })),
        hosts: play.hosts,
        args,
        log: message => emit({event: 'task-log', host, id, message}),
        health: async () => {
          const {checks, become: asker} = fleet.health.get(host) ?? noQuestions
          const questions = checks.map(questionOf)
          const {values} = await gatherFacts(await on(host).sideShell(asker ?? user), questions)
          return questions.map(({name}) => values[name] as CheckResult)
        },
      }),
    )
  }
