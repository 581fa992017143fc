import {$, file, handler, type Resource, service} from 'gatewright'
import {chronyConf} from '../templates/chrony-conf.ts'
import type {TimeView} from '../view/time.ts'

export const timeResources = (view: TimeView): readonly Resource[] => [
  file({
    path: '/etc/chrony/chrony.conf',
    content: chronyConf(view),
    validate: candidate => $`chronyd -p -f ${candidate} >/dev/null`,
    notify: [handler(service.restart('chrony'))],
  }),
  service({name: 'chrony', enabled: true, running: true}),
]
