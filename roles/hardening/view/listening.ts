import type {DeclaredFlow} from './flows.ts'

export type Listening = {readonly socket: string; readonly process: string}
export type {DeclaredFlow}

/** `udp UNCONN 0 0 127.0.0.1%lo:323 0.0.0.0:* users:(("chronyd",pid=9,fd=5))`, as `ss -Hlntup` prints it. */
const line = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\("([^"]*)")?/

/**
 * The sockets that can be reached from outside and for which no flow is declared. A UDP socket on one of the ports that the
 * kernel hands out, `first` to `last`, belongs to a program that asks and does not serve (udp(7)).
 */
export const undeclared = (
  sockets: string,
  flows: readonly DeclaredFlow[],
  [first = 32_768, last = 60_999]: readonly number[] = [],
): readonly Listening[] =>
  sockets.split('\n').flatMap(text => {
    const [, protocol = '', address = '', port = '', process = ''] = line.exec(text) ?? []
    if (protocol === 'udp' && first <= Number(port) && Number(port) <= last) return []
    if (protocol === '' || /^(127\.|\[::1\])|%lo$/.test(address)) return []
    return flows.some(flow => flow.protocol === protocol && covers(flow.ports, Number(port)))
      ? []
      : [{socket: `${protocol} ${address}:${port}`, process}]
  })

const covers = (ports: readonly string[], port: number): boolean =>
  ports.length === 0 ||
  ports.some(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return first <= port && port <= last
  })
