import type {TimeView} from '../view/time.ts'

/** Debian's own file with our sources: no steps but in the first three updates, which is before the daemons depend on time. */
export const chronyConf = (view: TimeView): string => `\
# Made by gatewright (role hardening).
confdir /etc/chrony/conf.d
sourcedir /etc/chrony/sources.d
${view.servers.map(server => `server ${server} iburst\n`).join('')}\
${view.pools.map(pool => `pool ${pool} iburst maxsources 4\n`).join('')}\
${view.peers.map(peer => `peer ${peer} minpoll 4 maxpoll 6\nallow ${peer}\n`).join('')}\
${view.isOrphan ? 'local stratum 10 orphan\n' : ''}\
keyfile /etc/chrony/chrony.keys
driftfile /var/lib/chrony/chrony.drift
ntsdumpdir /var/lib/chrony
logdir /var/log/chrony
maxupdateskew 100.0
rtcsync
makestep 1 3
logchange 0.05
leapsectz right/UTC
`
