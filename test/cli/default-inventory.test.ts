import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import test from 'ava'
import {defaultInventory} from '../../src/cli/default-inventory.ts'
import {InvalidInput} from '../../src/diagnostic.ts'

test('the inventory of a project is its folder, or the only one in it, and never a guess', async t => {
  const project = await mkdtemp(join(tmpdir(), 'gatewright-test-'))
  const at = (...parts: string[]): string => relative(process.cwd(), join(project, 'inventory', ...parts))
  t.is(defaultInventory(project), at())
  await mkdir(join(project, 'inventory/lab'), {recursive: true})
  t.is(defaultInventory(project), at('lab'))
  await mkdir(join(project, 'inventory/prod'))
  const error = t.throws(() => defaultInventory(project), {instanceOf: InvalidInput})
  t.regex(error.message, /holds several: \S+\/lab, \S+\/prod, name one with -i, such as -i \S+\/lab \[no-inventory\]/)
  await mkdir(join(project, 'inventory/group_vars'))
  await writeFile(join(project, 'inventory/hosts.yml'), '')
  t.is(defaultInventory(project), at())
  await rm(project, {recursive: true})
})
