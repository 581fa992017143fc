import {$, directory, file, handler, type Resource, service} from 'gatewright'
import {needrestartConf, timerConf, unattendedConf} from '../templates/updates.ts'
import type {UpdatesView} from '../view/updates.ts'

const timer = (name: string, at: string): Resource[] => [
  directory({path: `/etc/systemd/system/${name}.timer.d`}),
  file({
    path: `/etc/systemd/system/${name}.timer.d/gatewright.conf`,
    content: timerConf(at),
    notify: [handler(service.restart(`${name}.timer`))],
  }),
  service({name: `${name}.timer`, enabled: true, running: true}),
]

export const updateResources = (view: UpdatesView): readonly Resource[] => [
  file({
    path: '/etc/needrestart/conf.d/50-gatewright.conf',
    content: needrestartConf,
    validate: candidate => $`perl -c ${candidate}`,
  }),
  file({path: '/etc/apt/apt.conf.d/52gatewright-unattended-upgrades', content: unattendedConf(view)}),
  ...timer('apt-daily', view.download),
  ...timer('apt-daily-upgrade', view.install),
]
