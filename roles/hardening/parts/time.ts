import {$, directory, file, handler, type Resource, service} from 'gatewright'
import {chronyConf} from '../templates/chrony-conf.ts'
import type {TimeView} from '../view/time.ts'

/** Before the package, which then leaves the file alone; chronyd judges it from the second time on. */
export const timeFiles = (view: TimeView): readonly Resource[] => [
  directory({path: '/etc/chrony'}),
  file({
    path: '/etc/chrony/chrony.conf',
    content: chronyConf(view),
    validate: candidate => $`! command -v chronyd >/dev/null || chronyd -p -f ${candidate} >/dev/null`,
    notify: [handler(service.restart('chrony'))],
  }),
]

export const timeService = (): Resource => service({name: 'chrony', enabled: true, running: true})
