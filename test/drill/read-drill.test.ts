import test from 'ava'
import {readDrill} from '../../src/drill/read-drill.ts'
import {type DrillSettings, drillSchema} from '../../src/drill/schema.ts'
import {validate} from '../../src/playbook/validate.ts'

const ground = {
  pair: 'office',
  hosts: ['gw1', 'gw2'],
  standIns: [],
  links: new Set(['lan', 'wan']),
  roles: new Set(['vrrp']),
  probes: new Set(['inside', 'outside']),
}
const read = (settings: object) => {
  const copy = structuredClone(settings) as DrillSettings
  const problems = validate(drillSchema, copy)
  return {invalid: problems.map(({what}) => what), ...(problems.length === 0 && readDrill(copy, ground))}
}
const paths = {nat: {from: 'inside', to: 'outside', address: '203.0.113.10'}}
const scenario = (more: object) => ({id: 'one', title: 'One', breaks: 'much', faults: [{task: 'vrrp.hang'}], ...more})

test('defaults are filled in', t => {
  const {drill} = read({paths, scenarios: [scenario({})]})
  t.snapshot(drill)
})

test('what the site does not have is left out with a word', t => {
  const {drill, problems} = read({
    paths,
    scenarios: [
      scenario({id: 'tunnel', faults: [{task: 'wireguard.mute', args: {device: 'wg0'}}]}),
      scenario({id: 'sync', faults: [{hand: 'cut', link: null}]}),
      scenario({id: 'neighbor', faults: [{task: 'vrrp.mute', args: {link: null}}]}),
    ],
  })
  t.deepEqual(problems, [])
  t.deepEqual(
    drill?.scenarios.map(({leftOut}) => leftOut),
    [
      'the site has no role wireguard',
      'the inventory names no such link',
      "the inventory says nothing for 'link' of vrrp.mute",
    ],
  )
})

test('what contradicts the inventory or itself is a problem', t => {
  const {problems} = read({
    paths: {...paths, lost: {from: 'inside'}, foreign: {from: 'stranger', ping: '10.0.0.1'}},
    scenarios: [
      scenario({faults: [{hand: 'cut', link: 'dmz'}], paths: ['nay']}),
      scenario({goal: 5}),
      scenario({id: 'two', faults: [{}]}),
      scenario({id: 'three', faults: [{hand: 'cut'}]}),
    ],
  })
  t.snapshot(problems?.map(({what, fix}) => `${what}; ${fix}`))
})

test('the shape is checked by the schema', t => {
  t.snapshot(read({paths: {}, scenarios: [{id: 'A b', faults: [{hand: 'pull'}]}], pace: 1}).invalid)
})
