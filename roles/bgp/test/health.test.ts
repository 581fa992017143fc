import test from 'ava'
import '../../../src/resolve.ts'

const {context} = await import('./fixtures.ts')
const {health} = await import('../health.ts')

const answer = (told: object, code = 0) => ({code, stdout: JSON.stringify({'192.0.2.1': told}), stderr: ''})
const up = {
  bgpState: 'Established',
  addressFamilyInfo: {ipv4Unicast: {inboundPathPolicyConfig: true, outboundPathPolicyConfig: true}},
  peerBfdInfo: {status: 'Up'},
}
const checks = health(context())
const judge = (told: object) => checks[0]?.parse(answer(told))

test('each session to others is a check; the one to the other gateway is not', t => {
  t.deepEqual(
    checks.map(({name}) => name),
    ['BGP session with 192.0.2.1', 'BGP session with 2001:db8:a::1', 'BGP session with 198.51.100.1'],
  )
})

test('healthy: established, with both policies and BFD', t => {
  t.deepEqual(judge(up), {is: 'healthy'})
  t.deepEqual(checks[0]?.parse({code: 0, stdout: 'absent\n', stderr: ''}), {is: 'absent'})
})

test('sick: not established, (Policy), BFD down, no answer', t => {
  t.deepEqual(judge({...up, bgpState: 'Active'}), {is: 'sick', reason: 'it is Active'})
  t.regex(
    judge({...up, addressFamilyInfo: {ipv4Unicast: {outboundPathPolicyConfig: true}}})?.reason ?? '',
    /^\(Policy\)/,
  )
  t.deepEqual(judge({...up, peerBfdInfo: {status: 'Down'}}), {is: 'sick', reason: 'its BFD session is Down'})
  t.deepEqual(judge({...up, peerBfdInfo: undefined}), {is: 'sick', reason: 'its BFD session is not configured'})
  t.deepEqual(checks[0]?.parse({code: 1, stdout: '', stderr: 'bgpd is not running\n'}), {
    is: 'sick',
    reason: 'bgpd is not running',
  })
})
