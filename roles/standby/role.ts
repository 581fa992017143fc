import {$, defineRole, directory, file, pkg} from 'gatewright'
import {program} from './places.ts'
import {schema} from './schema.ts'
import {standbyProgram} from './templates/program.ts'
import {standbyView} from './view.ts'

export default defineRole({
  name: 'standby',
  schema,
  packages: ['iputils-ping'],
  worksWhenCold: true,
  resources: ({vars, host, fleet = []}) => [
    pkg({name: 'iputils-ping', provides: {commands: ['ping']}}),
    directory({path: '/etc/gatewright'}),
    directory({path: '/usr/local/lib/gatewright'}),
    file({
      path: program,
      content: standbyProgram(standbyView(vars, host, fleet)),
      mode: '0755',
      validate: candidate => $`sh -n ${candidate}`,
    }),
  ],
})
