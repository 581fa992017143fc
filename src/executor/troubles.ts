import type {Block, InBlock, Registered, Troubles} from './plan.ts'

export const noTroubles: Troubles = {rescued: new Set(), broken: new Set(), dead: new Set(), ends: false}

/** After a failure at an entry inside `blocks`: the innermost block that can rescue it does, else the host's run ends. */
export const afterFailure = (
  before: Troubles,
  blocks: readonly InBlock[],
  failed: {readonly task: string; readonly result: Registered},
): Troubles => {
  const rescued = new Set(before.rescued)
  const broken = new Set(before.broken)
  const dead = new Set(before.dead)
  for (const {block, part} of blocks.toReversed()) {
    if (part === 'body' && block.hasRescue)
      return {rescued: rescued.add(block), broken, dead, ends: before.ends, failed}
    const spent: Set<Block> = part === 'always' ? dead : broken
    rescued.delete(block)
    broken.delete(block)
    spent.add(block)
  }
  return {rescued, broken, dead, ends: true, failed}
}

/** Why an entry inside `blocks` is not carried out; undefined: it is. */
export const idleReason = ({rescued, broken, dead, ends}: Troubles, blocks: readonly InBlock[]): string | undefined => {
  for (const {block, part} of blocks.toReversed()) {
    if (dead.has(block)) return afterwards
    // What a block always does comes before whatever the failure means further out.
    if (part === 'always' && broken.has(block)) return undefined
    if (part !== 'always' && broken.has(block)) return afterwards
    if (part === 'body' && rescued.has(block)) return afterwards
    if (part === 'rescue' && !rescued.has(block)) return 'only when the block fails'
  }
  return ends ? afterwards : undefined
}

const afterwards = 'something before it failed'
