import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {CarriedSession} from './carried-session.ts'
import type {Carrier} from './carrier.ts'
import {childChannel} from './child-channel.ts'
import type {Session, Target} from './transport.ts'

/** A session on this very machine: `ansible_connection: local`. */
export const connectLocal = async (target: Target): Promise<Session> => new CarriedSession(target, localCarrier())

const localCarrier = (): Carrier => {
  const running = new Set<ChildProcessWithoutNullStreams>()
  return {
    exec: (line, use) =>
      new Promise((resolve, reject) => {
        // In a process group of its own, as under sshd: what a command does to its group must not reach the engine.
        const child = spawn('/bin/sh', ['-c', line], {detached: true})
        running.add(child)
        child.once('close', () => running.delete(child))
        child.once('error', reject)
        child.once('spawn', resolve)
        use(childChannel(child))
      }),
    onLost: () => {},
    close: async () => {
      for (const child of running) {
        child.stdin.destroy()
        child.stdout.destroy()
        child.stderr.destroy()
        child.unref()
      }
    },
  }
}
