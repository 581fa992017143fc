import type {BaseAgent, ParsedKey} from 'ssh2'

export type Agent = {
  readonly keys: readonly ParsedKey[]
  /** An agent that has these keys only. */
  only(keys: readonly ParsedKey[]): BaseAgent
}

const answerWithinMs = 5000

/** What the agent at `socket` holds. An agent that does not answer holds nothing, as for ssh. */
export const askAgent = async (socket: string, ssh2: typeof import('ssh2')): Promise<Agent> => {
  const agent = new ssh2.OpenSSHAgent(socket)
  const keys = await new Promise<ParsedKey[]>(resolve => {
    const timer = setTimeout(() => resolve([]), answerWithinMs)
    agent.getIdentities((error, found = []) => {
      clearTimeout(timer)
      const all = error ? [] : found.map(key => ssh2.utils.parseKey(key as unknown as Buffer))
      // Certificates and keys of unknown kinds cannot be used by ssh2.
      resolve(all.flatMap(key => (key instanceof Error || Array.isArray(key) ? [] : [key])))
    })
  })
  return {
    keys,
    only: some =>
      new (class extends ssh2.BaseAgent {
        override getIdentities(done: (error: Error | undefined, keys?: any[]) => void): void {
          done(undefined, [...some])
        }
        override sign(key: any, data: Buffer, ...rest: any[]): void {
          const [options, done] = rest.length > 1 ? rest : [{}, rest[0]]
          agent.sign(key, data, options, done)
        }
      })(),
  }
}
