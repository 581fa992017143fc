// Makes dist/, what the npm package holds: the engine and the shipped roles as JavaScript, the skeleton of a site and its playbooks.
import {cpSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {shipped} from '../src/cli/init.ts'
import {root, runTool} from './node-bin.ts'

const dist = join(root, 'dist')
rmSync(dist, {recursive: true, force: true})
const code = await runTool('tsc', ['-p', 'tsconfig.build.json'])
if (code !== 0) process.exit(code)
const {name, version, type, license} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({name, version, type, license}, null, 2)}\n`)
cpSync(join(root, 'skeleton'), join(dist, 'skeleton'), {recursive: true})
for (const name of shipped) cpSync(join(root, name), join(dist, name))
