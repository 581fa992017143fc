import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import type {Desk} from '../../src/pki/desk.ts'
import {initAuthority} from '../../src/pki/init.ts'
import type {Curve} from '../../src/pki/keys.ts'
import type {Disk} from '../../src/pki/store.ts'

export const vaultKey = {label: 'default', password: () => Buffer.from('the vault password')}

/** A time that no clock of this machine has anything to do with, but for what OpenSSL compares with today. */
export const monday = new Date('2026-11-23T08:00:00Z')
export const daysLater = (days: number, from = monday): Date => new Date(from.getTime() + days * 86_400_000)

/** An empty directory for an authority, at a time. */
export const emptyDesk = (t: ExecutionContext, now = monday, disk?: Disk): Desk => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-pki-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  return {place: {directory, shown: 'pki'}, keys: [vaultKey], now, ...(disk && {disk})}
}

/** An authority. */
export const newDesk = async (t: ExecutionContext, now = monday, curve: Curve = 'P-256'): Promise<Desk> => {
  const desk = emptyDesk(t, now)
  await initAuthority(desk, {name: 'Test CA', curve, vaultKey})
  return desk
}

export const later = (desk: Desk, days: number): Desk => ({...desk, now: daysLater(days, desk.now)})
