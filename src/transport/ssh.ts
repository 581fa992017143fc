import type {ClientChannel} from 'ssh2'
import {CarriedSession} from './carried-session.ts'
import type {Carrier, Channel} from './carrier.ts'
import {type Means, noMeans} from './means.ts'
import {watchLife} from './session-life.ts'
import {type LoggedIn, logIn} from './ssh-client.ts'
import type {Session, Target} from './transport.ts'

/** Opens a session over ssh2. */
export const connectSsh = async (target: Target, means: Means = noMeans): Promise<Session> =>
  new CarriedSession(target, carrierOf(target, await logIn(target, means)))

const goodbyeMs = 1000

const carrierOf = ({host, keepaliveMs}: Target, {client, socket, release}: LoggedIn): Carrier => {
  let closing: Promise<void> | undefined
  let reason = ''
  client.on('error', error => {
    reason = `: ${error.message}`
  })
  let isOver = false
  client.once('close', () => {
    isOver = true
    release()
  })
  const close = async () => {
    if (isOver) return
    const {promise, resolve} = Promise.withResolvers<void>()
    client.once('close', resolve)
    client.end()
    const timer = setTimeout(resolve, goodbyeMs)
    await promise
    clearTimeout(timer)
    client.destroy()
  }
  return {
    exec: (line, use) =>
      new Promise((resolve, reject) => {
        client.exec(line, (error, channel) => {
          if (error !== undefined) return reject(error)
          use(channelOf(channel))
          resolve()
        })
      }),
    onLost: listener => {
      const stop = watchLife(socket, keepaliveMs, () => {
        stop()
        listener('timeout', `${host} has answered nothing for ${keepaliveMs / 1000} s, the connection is given up`)
        client.destroy()
      })
      client.on('close', () => {
        stop()
        if (closing === undefined) listener('connection-lost', `the connection to ${host} was lost${reason}`)
      })
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

const channelOf = (channel: ClientChannel): Channel => {
  channel.on('error', () => {})
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    onExit: listener =>
      void channel.on('exit', (code: number | null, signal?: string) =>
        listener(code, signal ? `SIG${signal.replace(/^SIG/, '')}` : undefined),
      ),
    onClose: listener => void channel.once('close', listener),
    destroy: () => channel.destroy(),
  }
}
