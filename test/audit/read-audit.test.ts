import test from 'ava'
import {read} from './example.ts'

const basis = {id: 'one', title: 'One', rationale: 'why', severity: 'low'}

test('defaults are filled in', t => {
  t.snapshot(read({controls: [{...basis, resources: ['service ssh']}]}))
})

test('the shape is checked by the schema', t => {
  t.snapshot(
    read({
      controls: [{...basis, severity: 'grave', resources: [], observed: 'true'}],
      waivers: [{control: 'one', who: 'A. Smith', until: 'soon'}],
    }).invalid,
  )
})

test('what contradicts itself is a problem', t => {
  const {problems} = read({
    requirements: [
      {id: 'R1', text: 'answered'},
      {id: 'R2', text: 'forgotten'},
      {id: 'R3', text: 'both', without: 'nothing can'},
      {id: 'R3', text: 'again', without: 'nothing can'},
    ],
    waivers: [
      {control: 'lost', who: 'A. Smith', why: 'so', until: '2026-12-31'},
      {control: 'one', who: 'A. Smith', why: 'so', until: '2026-99-99'},
    ],
    controls: [
      {...basis, resources: ['service ssh'], requirements: ['R1', 'R3', 'R9']},
      {...basis},
      {...basis, id: 'three', observe: 'true'},
      {...basis, id: 'four', passes: 'true', repair: 'mend', applies: 'true', on: 'elsewhere'},
    ],
  })
  t.snapshot(problems?.map(({path, what, fix}) => `${path.join('.')}: ${what}; ${fix}`))
})
