import {$, file, handler, pkg, type Resource, service} from 'gatewright'
import {chronyConf} from '../templates/chrony-conf.ts'
import type {TimeView} from '../view/time.ts'

export const timeResources = (view: TimeView): readonly Resource[] => [
  pkg({name: 'chrony', provides: {units: ['chrony'], directories: ['/etc/chrony']}}),
  file({
    path: '/etc/chrony/chrony.conf',
    content: chronyConf(view),
    validate: candidate => $`chronyd -p -f ${candidate} >/dev/null`,
    notify: [handler(service.restart('chrony'))],
  }),
  service({name: 'chrony', enabled: true, running: true}),
]
