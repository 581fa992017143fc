import type {Duplex} from 'node:stream'

/**
 * Calls `lost` when nothing at all has come from the server for `keepaliveMs`; ssh2 asks it for a sign of life three times
 * as often. Returns what ends the watch.
 */
export const watchLife = (socket: Duplex, keepaliveMs: number, lost: () => void): (() => void) => {
  let last = performance.now()
  const note = () => {
    last = performance.now()
  }
  socket.on('data', note)
  const timer = setInterval(
    () =>
      // Not before what the socket has already received was read: this process itself may have been busy for long.
      setImmediate(() => {
        if (performance.now() - last >= keepaliveMs) lost()
      }),
    Math.max(1, keepaliveMs / 6),
  )
  return () => {
    clearInterval(timer)
    socket.off('data', note)
  }
}
