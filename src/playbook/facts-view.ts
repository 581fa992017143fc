import {ansibleFacts} from '../facts/ansible-facts.ts'
import {type AnsibleSources, ansibleSources} from '../facts/ansible-sources.ts'
import type {Facts} from './model.ts'

const views = new WeakMap<Facts, Facts>()

/**
 * What `ansible_facts` holds: Ansible's names, and our own where Ansible has none of that name. `facts` holds our own alone:
 * there `kernel` is a mapping, here it is text.
 */
export const ansibleView = (facts: Facts): Facts => {
  const known = views.get(facts)
  if (known) return known
  const {[ansibleSources.name]: sources, ...own} = facts
  const view = {...own, ...(sources !== undefined && ansibleFacts(sources as AnsibleSources))}
  views.set(facts, view)
  return view
}
