import type {TaskFunction} from 'gatewright'
import {
  addressOf,
  type Context,
  holds,
  isInMaintenance,
  isLeader,
  type Member,
  membersOf,
  type Shell,
  until,
} from '../members.ts'
import {maintenanceFile, type VrrpVars} from '../view.ts'

/** Seconds after which the host itself ends the maintenance state, should the connection to it be lost meanwhile. */
const restoreAfterS = 60
/** Seconds in which the other gateway has to hold the addresses. */
const takeoverLimitS = 10

/**
 * Moves the virtual addresses of a pair to the other gateway, or to the one named by `to`: the holder goes into FAULT by
 * its maintenance file, which sends an advertisement of priority 0, and comes back as the backup. Nothing is stopped.
 */
const switchover: TaskFunction<VrrpVars> = async context => {
  const move = await planMove(context)
  if (!move) return {changed: false, message: await reasonToStay(context)}
  const {from, to} = move
  await from.run(arm)
  const start = performance.now()
  try {
    await from.run($ => $`echo 1 > ${maintenanceFile}`)
    context.log(`${from.name} is in maintenance; waiting for ${to.name} to hold ${addressOf(context)}`)
    const missed = `${to.name} did not take ${addressOf(context)} over within ${takeoverLimitS} s`
    await until(() => holds(context, to), takeoverLimitS, missed)
    await until(async () => !(await holds(context, from)), takeoverLimitS, `${from.name} kept ${addressOf(context)}`)
  } finally {
    await from.run(disarm)
  }
  const tookMs = Math.round(performance.now() - start)
  return {
    changed: true,
    message: `${addressOf(context)} moved from ${from.name} to ${to.name} (confirmed after ${tookMs} ms)`,
  }
}
export default switchover

/** Check mode: who holds the addresses and where they would go. */
export const plan: TaskFunction<VrrpVars> = async context => {
  const move = await planMove(context)
  if (!move) return {changed: false, message: await reasonToStay(context)}
  return {changed: true, message: `${addressOf(context)} would move from ${move.from.name} to ${move.to.name}`}
}

const planMove = async (context: Context): Promise<{from: Member; to: Member} | undefined> => {
  if (!isLeader(context)) return undefined
  const members = membersOf(context)
  if (members.length < 2) throw new Error(`${context.host.name} has no peer: give both gateways the same \`pair\``)
  const wanted = context.args.to || undefined
  if (wanted !== undefined && !members.some(({name}) => name === wanted))
    throw new Error(
      `to=${String(context.args.to)} is no gateway of this pair: ${members.map(({name}) => name).join(', ')}`,
    )
  const held = await Promise.all(members.map(member => holds(context, member)))
  const holders = members.filter((_, index) => held[index])
  const [from] = holders
  if (!from || holders.length > 1)
    throw new Error(
      `${addressOf(context)} is held by ${holders.map(({name}) => name).join(' and ') || 'nobody'}: repair the pair first`,
    )
  if (wanted === from.name) return undefined
  const to = members.find(({name}) => (wanted === undefined ? name !== from.name : name === wanted))
  if (!to) return undefined
  await ready(to, context)
  return {from, to}
}

const reasonToStay = async (context: Context): Promise<string> =>
  isLeader(context)
    ? `${addressOf(context)} is already held by ${String(context.args.to)}`
    : 'decided on the other gateway'

const ready = async (member: Member, context: Context): Promise<void> => {
  const active = (await member.run($ => $`systemctl is-active keepalived`.nothrow())).stdout.trim()
  if (active !== 'active')
    throw new Error(`keepalived on ${member.name} is ${active || 'unknown'}: it could not take over`)
  if (await isInMaintenance(member))
    throw new Error(`${member.name} is in maintenance (${maintenanceFile} is not 0): it could not take over`)
  context.log(`${member.name} is ready`)
}

const timer = 'gatewright-switchover-restore'

/** The host ends the maintenance state by itself, even when nobody can reach it any more. */
const arm = async ($: Shell): Promise<void> => {
  await $`systemctl stop ${timer}.timer`.nothrow()
  await $`systemd-run --quiet --collect --unit=${timer} --on-active=${restoreAfterS} --timer-property=AccuracySec=100ms /bin/sh -c ${`echo 0 > ${maintenanceFile}`}`
}

const disarm = async ($: Shell): Promise<void> => {
  await $`echo 0 > ${maintenanceFile}`
  await $`systemctl stop ${timer}.timer`.nothrow()
}
