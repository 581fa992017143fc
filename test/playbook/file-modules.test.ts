import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {acts} from '../../src/events.ts'
import type {Resource} from '../../src/resources/resource.ts'
import {fileCases} from '../support/file-cases.ts'
import {callIn, type FileResult, type Outcome, recorded} from '../support/file-oracle.ts'
import {applyHere, planHere, resourcesOf} from '../support/file-run.ts'
import {prepare, treeOf} from '../support/file-tree.ts'

const expected = recorded()
// Owners are part of what is compared.
const asRoot = process.getuid?.() === 0 ? test : test.skip

type Planned = {readonly outcome: Outcome; readonly why: string; apply(): string | undefined}

const plan = (resources: readonly Resource[]): Planned => {
  const items = planHere(resources)
  const failed = items.find(({verdict}) => verdict === 'failed' || verdict === 'unknown')
  const outcome = failed ? 'failed' : items.some(acts) ? 'changed' : 'ok'
  return {outcome, why: failed?.reason ?? '', apply: () => applyHere(items.flatMap(({realise}) => realise))}
}

const refusal = (make: () => readonly Resource[]): readonly Resource[] | string => {
  try {
    return make()
  } catch (error) {
    if (error instanceof InvalidInput) return error.message
    throw error
  }
}

for (const one of fileCases)
  asRoot(`${one.name}: as Ansible`, t => {
    const base = mkdtempSync(join(tmpdir(), 'gatewright-files-'))
    t.teardown(() => rmSync(base, {recursive: true, force: true}))
    prepare(base, one.before ?? '')
    const ansible = expected[one.name] as FileResult
    const resources = refusal(() => resourcesOf(callIn(one, base)))
    if (typeof resources === 'string') {
      if (one.refused) t.regex(resources, one.refused)
      else t.is(ansible.apply, 'failed', resources)
      return
    }
    const check = plan(resources)
    if (one.refused) {
      t.is(check.outcome, 'failed')
      t.regex(check.why, one.refused)
      return
    }
    const problem = check.outcome === 'changed' ? check.apply() : undefined
    const apply = problem === undefined ? check.outcome : 'failed'
    const tree = treeOf(base)
    const again = apply === 'failed' ? 'failed' : plan(resources).outcome
    if (ansible.apply === 'failed') t.is(apply, 'failed')
    else
      t.deepEqual(
        {check: check.outcome, apply, again, tree, why: check.why + (problem ?? '')},
        {check: ansible.check, apply: ansible.apply, again: ansible.again, tree, why: ''},
      )
    if (ansible.apply !== 'failed') t.deepEqual(tree, ansible.tree)
  })
