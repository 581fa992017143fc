import type {HostState, StateChange} from './model.ts'

/** A section of what is compared: a command, and what in its lines changes by itself. */
type Section = {
  readonly name: string
  readonly command: string
  readonly without?: readonly RegExp[]
  /** What may not be there afterwards if it was not before; anything unless given. */
  readonly unwanted?: RegExp
}

/**
 * What a drill must leave as it was. Not the addresses and routes that follow the VRRP master by themselves: at the end the
 * traffic is where it was at the beginning, so that these are equal too.
 */
const sections: readonly Section[] = [
  {
    name: 'addresses and links',
    command: 'ip -oneline link show; ip -oneline address show scope global; ip -oneline address show scope host',
    without: [/valid_lft \S+ preferred_lft \S+/g, /^\d+: /g, /link-netnsid \d+/g, /mngtmpaddr/g, /(?<=@)if\d+/g],
  },
  {
    name: 'routes and rules',
    command: 'ip -4 rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all',
    // Which of several equal neighbours is taken depends on their age; and the kernel adds anycast routes when it forwards. A tunnel's
    // device that was made again has another link-local address, by chance.
    without: [
      /expires \S+/g,
      /\bnhid \d+/g,
      /\bpref \S+/g,
      /\blinkdown\b/g,
      / via \S+ dev \S+(?= proto bgp)/g,
      /^anycast .*/g,
      /^local fe80::\S+ .*/g,
    ],
  },
  {
    name: 'packet filter',
    // What sets and maps hold is the business of daemons.
    command: `nft --stateless list ruleset | awk '/elements = [{]/ {skip = 1} !skip {print} skip && /[}]/ {skip = 0}'`,
  },
  {
    name: 'units',
    command:
      'systemctl list-units --all --plain --no-legend --type=service,timer | awk \'$3 != "inactive" {print $1, $2, $3, $4}\'',
    without: [
      /^session-\S+.*|^user\S*@\S+.*|^user-runtime-dir\S*.*|^run-\S+.*|^gatewright-rollback\S*.*/g,
      / (waiting|running|elapsed|exited)$/g,
      // A service of a timer that is at its work.
      /^\S+ loaded activating start$/g,
    ],
    // A host that was switched off and on has started what nobody had started before.
    unwanted: / failed|^gatewright-drill/,
  },
  {
    name: 'kernel parameters',
    command:
      'sysctl -a 2>/dev/null | grep -E "^net\\.(ipv[46]\\.(ip_forward|conf\\.[^.]+\\.(rp_filter|forwarding|arp_ignore|arp_announce)))"',
  },
]

export const stateScript = sections
  .map(({name, command}) => `echo '== ${name}'; { ${command}; } 2>/dev/null || :`)
  .join('\n')

export const stateIn = (output: string): HostState => {
  const state: Record<string, string[]> = {}
  let section: Section | undefined
  for (const line of output.split('\n')) {
    const head = /^== (.*)$/.exec(line)
    if (head) {
      section = sections.find(({name}) => name === head[1])
      continue
    }
    if (!section) continue
    const text = (section.without ?? []).reduce((left, pattern) => left.replaceAll(pattern, ''), line)
    const plain = text.replaceAll(/\s+/g, ' ').trim()
    if (plain !== '') (state[section.name] ??= []).push(plain)
  }
  return state
}

/** Lines that only one of both has. Order does not count: sets are listed in any. */
export const compareStates = (host: string, before: HostState, after: HostState): readonly StateChange[] =>
  sections.flatMap(({name, unwanted = /./}): StateChange[] => {
    const was = before[name] ?? []
    const is = after[name] ?? []
    const gone = without(was, is)
    const added = without(is, was).filter(line => unwanted.test(line))
    return gone.length + added.length === 0 ? [] : [{host, section: name, gone, new: added}]
  })

const without = (lines: readonly string[], others: readonly string[]): readonly string[] => {
  const left = [...others]
  return lines.filter(line => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
