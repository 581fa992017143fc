import {groups, users} from './accounts.ts'
import {ansibleSources} from './ansible-sources.ts'

import {cpu, memory} from './hardware.ts'
import {addresses, links, routes} from './network.ts'
import {packages} from './packages.ts'
import {services} from './services.ts'
import {bootId, hostname, kernel, os, virtualisation} from './system.ts'
import {time} from './time.ts'

/** What is asked of every host. All are inert, need POSIX sh, coreutils, iproute2 and systemd's tools, and take 0.3 s. */
export const standardFacts = {
  os,
  kernel,
  hostname,
  bootId,
  virtualisation,
  cpu,
  memory,
  links,
  addresses,
  routes,
  packages,
  services,
  users,
  groups,
  time,
  ansibleSources,
}
