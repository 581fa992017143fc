import test from 'ava'
import type {Provides} from '../../src/resources/foresight.ts'
import {group} from '../../src/resources/group.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {user} from '../../src/resources/user.ts'
import {Secret} from '../../src/shell/secret.ts'
import {answer, ask, commandOf, judge} from './ask.ts'

const hash = '$6$salt$abc'
const there = (more = ''): string =>
  `passwd deploy:x:1000:1000:D:/home/deploy:/bin/sh\nshadow deploy:${hash}:19000:0:99999:7:::\nhome\nown 1000:\nusergroups yes\n${more}`
const nobody = 'usergroups yes\ndefault SHELL=/bin/sh\n'

test('a new user is made with its group and home, and the password goes through stdin', t => {
  const deploy = user({name: 'deploy', password: new Secret(hash)})
  const current = deploy.kind.probe(deploy.desired).parse(answer(nobody)) as never
  const changes = deploy.kind.diff(deploy.desired, current)
  t.deepEqual(changes, [
    {path: 'state', from: 'absent', to: 'present'},
    {path: 'own group', from: 'absent', to: 'present'},
    {path: 'home', from: null, to: '/home/deploy'},
    {path: 'password', from: 'none', to: 'as given'},
    {path: 'home directory', from: 'absent', to: 'present'},
  ])
  const steps = deploy.kind.steps(deploy.desired, changes as never, current)
  t.false(JSON.stringify(steps).includes(hash))
  t.is(commandOf(steps[1]).text, 'chpasswd -e')
})

test('an account as desired needs nothing; another password or shell is a change', t => {
  t.deepEqual(judge(user({name: 'deploy', password: new Secret(hash)}), answer(there())).changes, [])
  t.deepEqual(judge(user({name: 'deploy', password: new Secret('$6$salt$xyz')}), answer(there())).changes, [
    {path: 'password', from: 'another', to: 'as given'},
  ])
  const once = user({name: 'deploy', password: new Secret('$6$salt$xyz'), updatePassword: 'on_create'})
  t.deepEqual(judge(once, answer(there())).changes, [])
  t.deepEqual(judge(user({name: 'deploy', shell: '/bin/bash'}), answer(there())).steps, ['change the user deploy'])
})

test('groups must exist or come, and several tasks may add their own', t => {
  const first = user({name: 'deploy', groups: ['adm'], append: true})
  const second = user({name: 'deploy', groups: ['docker'], append: true})
  t.regex(judge(second, answer(nobody)).obstacle ?? '', /group docker does not exist/)
  const made = (resource: typeof first, given: string): Provides => {
    const current = resource.kind.probe(resource.desired).parse(answer(given)) as never
    const changes = resource.kind.diff(resource.desired, current)
    return resource.kind.provides?.(resource.desired, changes as never, current) ?? {}
  }
  const before = [{groups: ['docker']}, made(first, `${nobody}exists adm adm:x:4:\n`)]
  t.deepEqual(judge(second, answer(nobody), before).changes, [{path: 'groups', from: ['adm'], to: ['adm', 'docker']}])
  t.true(first.kind.isBeside?.(first.desired, second.desired))
  t.false(
    first.kind.isBeside?.(user({name: 'deploy', groups: ['a']}).desired, user({name: 'deploy', groups: ['b']}).desired),
  )
  t.false(first.kind.isBeside?.(first.desired, user({name: 'deploy', state: 'absent'}).desired))
})

test('the group of a user goes with it', t => {
  const gone = user({name: 'deploy', state: 'absent', remove: true})
  const {changes} = judge(gone, answer(there()))
  t.deepEqual(changes, [
    {path: 'state', from: 'present', to: 'absent'},
    {path: 'home directory', from: 'present', to: 'absent'},
    {path: 'own group', from: 'present', to: 'absent'},
  ])
  const provided = gone.kind.provides?.(gone.desired, changes as never, {} as never)
  const its = group({name: 'deploy', state: 'absent'})
  t.deepEqual(judge(its, answer('group deploy:x:1000:\nuser deploy\n'), [provided ?? {}]).changes, [])
  t.regex(judge(its, answer('group deploy:x:1000:\nuser deploy\n')).obstacle ?? '', /primary group of the user deploy/)
})

test('what the host says is read strictly', t => {
  t.throws(() => judge(user({name: 'deploy'}), answer('passwd other:x:1:1::/:/bin/sh\n')), {instanceOf: Unreadable})
  t.throws(() => judge(group({name: 'g'}), answer('group g:x:many:\n')), {instanceOf: Unreadable})
  t.deepEqual(judge(user({name: 'deploy'}), answer('no getent\n')), {unsupported: 'this host has no getent'})
})

test('this machine can be asked', t => {
  t.like(ask(user({name: 'root', groups: ['sys']})), {account: {uid: 0, home: '/root'}})
  t.like(ask(group({name: 'root'})), {group: {gid: 0}})
  t.deepEqual(ask(group({name: 'nosuch-group'})), {group: undefined})
})

test('rules of accounts', t => {
  const problems = (options: Parameters<typeof user>[0]) => user(options).kind.problems(user(options).desired).length
  t.is(problems({name: '-r'}), 1)
  t.is(problems({name: 'deploy', groups: ['27']}), 1)
  t.is(problems({name: 'deploy', password: new Secret('plain')}), 1)
  t.is(problems({name: 'deploy', password: new Secret('')}), 1)
  t.is(problems({name: 'deploy', password: new Secret('!')}), 0)
  t.is(problems({name: 'deploy', home: 'home'}), 1)
})
