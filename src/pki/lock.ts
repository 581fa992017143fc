import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Place} from './index-file.ts'
import {refuse} from './names.ts'

const lockName = '.lock'
const pollMs = 20

type Owner = {readonly pid: number; readonly host: string}

const ownerOf = (path: string): Owner | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

const isDead = ({pid, host}: Owner): boolean => {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

const make = (path: string): boolean => {
  try {
    writeFileSync(path, JSON.stringify({pid: process.pid, host: hostname()} satisfies Owner), {flag: 'wx'})
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The second file makes sure that nobody removes the lock of somebody who has just taken it over. */
const removeOfDead = (path: string): void => {
  const breaking = `${path}.break`
  if (!make(breaking)) return
  try {
    const owner = ownerOf(path)
    if (owner && isDead(owner)) rmSync(path, {force: true})
  } finally {
    rmSync(breaking, {force: true})
  }
}

/** Runs `work` while nobody else changes this authority; what a killed run has locked is taken over. Throws InvalidInput. */
export const locked = async <Result>(
  {directory, shown}: Place,
  work: () => Promise<Result>,
  waitMs = 30_000,
): Promise<Result> => {
  const path = join(directory, lockName)
  const end = performance.now() + waitMs
  while (!make(path)) {
    const owner = ownerOf(path)
    if (owner && isDead(owner)) removeOfDead(path)
    else if (performance.now() > end) {
      const who = owner ? `process ${owner.pid} on ${owner.host}` : 'somebody'
      const fix = `wait for it; if it is long gone, remove ${join(shown, lockName)}`
      return refuse('pki-locked', `${who} is changing ${shown}/`, fix)
    }
    await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    rmSync(path, {force: true})
  }
}
