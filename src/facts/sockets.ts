import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

export type SocketFact = {
  readonly protocol: 'tcp' | 'udp'
  /** `*` and `0.0.0.0`: every one. */
  readonly address: string
  readonly port: number
  /** Name of the program that has it open; undefined where only root is told. */
  readonly process: string | undefined
}

/** `udp UNCONN 0 0 127.0.0.1%lo:323 0.0.0.0:* users:(("chronyd",pid=9,fd=5))` */
const line = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\("([^"]*)")?/

/** Sockets that wait for others, ss(8); none where that is not installed. */
export const sockets: Fact<readonly SocketFact[]> = {
  name: 'sockets',
  command: $`command -v ss >/dev/null || exit 0; ss -Hlntup`,
  parse: answer =>
    linesOf('sockets', answer).flatMap(text => {
      const [, protocol, address = '', port, process] = line.exec(text) ?? []
      return protocol === undefined
        ? []
        : [{protocol: protocol === 'tcp' ? 'tcp' : 'udp', address, port: Number(port), process}]
    }),
}
