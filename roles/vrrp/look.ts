import {advertInterval} from './budget.ts'
import type {Member, Shell} from './members.ts'
import {stateOf} from './members.ts'
import type {InstanceSight, Sight} from './verdict.ts'
import type {VrrpVars} from './view.ts'

type Dump = readonly {
  readonly data: {readonly iname: string; readonly vrid: number; readonly effective_priority: number}
  readonly stats: Readonly<Record<string, number>>
}[]

/** Between the two looks at the counters: two advertisements at least. */
const pauseOf = (vars: VrrpVars): number => Math.max(1000, 2200 * advertInterval(vars))

/** What one gateway says of itself: keepalived's own counters twice, and those of conntrackd. */
export const look = (member: Member, vars: VrrpVars): Promise<Sight> =>
  member.run(async $ => {
    const state = await stateOf(member)
    const [first, start] = [await dump($), performance.now()]
    await new Promise(resolve => setTimeout(resolve, pauseOf(vars)))
    const [second, end] = [await dump($), performance.now()]
    const asked = Date.now()
    const clock = Number((await $`date +%s.%N`).stdout) * 1000
    const answered = Date.now()
    return {
      name: member.name,
      state,
      seconds: (end - start) / 1000,
      instances: second.map((each, index) => instanceOf(first[index] ?? each, each)),
      scheduling: (await $`chrt --pid $(cat /run/vrrp.pid) | sed -n 's/.*policy: //p'`.nothrow()).stdout.trim(),
      rules: (
        await $`nft list table inet gatewright_nat 2>/dev/null | sed 's/oifname "[^"]*"//' | sha256sum`.nothrow()
      ).stdout.trim(),
      offsetMs: clock - (asked + answered) / 2,
      uncertaintyMs: (answered - asked) / 2,
      ...(vars.conntrack ? await conntrack($) : {connections: 0, injected: 0, failed: 0, lost: 0, isSyncing: true}),
    }
  })

/** keepalived writes /tmp/keepalived.json for this signal. */
const dump = async ($: Shell): Promise<Dump> => {
  const {stdout} =
    await $`f=/tmp/keepalived.json; rm -f $f; kill -s "$(keepalived --signum=JSON)" "$(cat /run/keepalived.pid)" || exit
for i in 1 2 3 4 5 6 7 8 9 10; do [ -s $f ] && break; sleep 0.1; done; sleep 0.05; cat $f; rm -f $f`.nothrow()
  try {
    const found: Dump = JSON.parse(stdout)
    return found
  } catch {
    return []
  }
}

const instanceOf = (before: Dump[number], after: Dump[number]): InstanceSight => {
  const grown = (counter: string): number => (after.stats[counter] ?? 0) - (before.stats[counter] ?? 0)
  return {
    name: after.data.iname,
    vrid: after.data.vrid,
    priority: after.data.effective_priority,
    sent: grown('advert_sent'),
    received: grown('advert_rcvd'),
    errors: Object.keys(after.stats).filter(counter => /_err$|invalid|mismatch/.test(counter) && grown(counter) > 0),
  }
}

const conntrack = async (
  $: Shell,
): Promise<Pick<Sight, 'connections' | 'injected' | 'failed' | 'lost' | 'isSyncing'>> => {
  const connections = Number((await $`conntrack -C`.nothrow()).stdout)
  const {stdout, exitCode} = await $`conntrackd -s`.nothrow()
  const external = /^(?:external inject|cache external):\n([\s\S]*?)\n\n/m.exec(stdout)?.[1] ?? ''
  const created = /connections created:\s+(\d+)\s+failed:\s+(\d+)/.exec(external)
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0)
  return {
    connections,
    injected: Number(created?.[1] ?? 0),
    failed: Number(created?.[2] ?? 0),
    lost: number(/(\d+) Lost msgs/) + number(/(\d+) Malformed msgs/),
    isSyncing: exitCode === 0 && number(/(\d+) Pckts recv/) > 0,
  }
}
