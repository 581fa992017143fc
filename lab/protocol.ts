import type {Layers} from './disk.ts'
import type {Topology} from './topology.ts'

/** What a link of a host suffers from; each direction alone gets delay, loss and rate. */
export interface Degradation {
  delayMs: number
  lossPercent: number
  /** 0: unlimited. */
  rateMbit: number
}

export type HostState = 'off' | 'starting' | 'on' | 'frozen' | 'failed'

export interface LinkStatus {
  cut: boolean
  degraded?: Degradation
}

export interface HostStatus {
  state: HostState
  /** Process ids of nspawn and of the host's PID 1, 0 when off. */
  nspawn: number
  leader: number
  /** Starts since `up`, the first one included. */
  boots: number
  /** Why the state is failed. */
  problem?: string
  links: Record<string, LinkStatus>
}

/** What `up` hands to the supervisor, as a file. */
export interface SupervisorConfig {
  topology: Topology
  checkout: string
  layers: Record<string, Layers>
}

/** The supervisor undoes it by itself after so many seconds, whoever asked for it is still there or not. */
export interface Passing {
  forSeconds?: number
}

/** One line of JSON on the supervisor's socket; it answers with one line, a Reply. */
export type Request =
  | {op: 'status'}
  | {op: 'boot'; host: string}
  | ({op: 'kill'; host: string} & Passing)
  | {op: 'reset'; host: string}
  | ({op: 'freeze'; host: string} & Passing)
  | {op: 'thaw'; host: string}
  | ({op: 'cut'; host: string; link: string} & Passing)
  | {op: 'heal'; host: string; link: string}
  | ({op: 'degrade'; host: string; link: string; degradation: Degradation} & Passing)

export interface SupervisorStatus {
  pid: number
  checkout: string
  hosts: Record<string, HostStatus>
}

export type Reply = {ok: true; status: SupervisorStatus} | {ok: false; error: string}
