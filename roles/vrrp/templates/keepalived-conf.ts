import {type Instance, notifyFifo, type VrrpView} from '../view.ts'

const onlyIf = (condition: boolean, text: string): string => (condition ? text : '')
const block = (head: string, lines: readonly string[], indent = '    '): string =>
  onlyIf(lines.length > 0, `${indent}${head} {\n${lines.map(line => `${indent}    ${line}\n`).join('')}${indent}}\n`)

/** /etc/keepalived/keepalived.conf, keepalived.conf(5) of 2.2.7. */
export const keepalivedConf = (view: VrrpView): string => `# Written by gatewright; changes are overwritten.
# The peer is replaced ${seconds(view.budget.crash)} after a crash, ${seconds(view.budget.cable)} after its cable was pulled, \
${seconds(view.budget.planned)} after it gave the addresses away (limit ${view.failoverLimit} s).
global_defs {
    router_id ${view.routerName}
    vrrp_version 3
    vrrp_garp_master_delay 1
    vrrp_garp_master_repeat ${view.garpRepeat}
    vrrp_garp_master_refresh ${view.garpRefresh}
    vrrp_garp_lower_prio_repeat ${view.garpRepeat}
    vrrp_higher_prio_send_advert true
${onlyIf(view.startupDelay > 0, `    vrrp_startup_delay ${view.startupDelay}\n`)}    dynamic_interfaces
    vrrp_no_swap
    script_user root
    enable_script_security
    vrrp_notify_fifo ${notifyFifo} root
    fifo_write_vrrp_states_on_reload
}
${view.tracks.map(trackFile).join('')}${view.processes.map(trackProcess).join('')}${view.group ? group(view, view.group) : ''}\
${view.instances.map(instance => vrrpInstance(view, instance)).join('')}`

const seconds = (value: number): string => `${value.toFixed(2)} s`

const trackFile = ({name, file, weight, initial}: VrrpView['tracks'][number]): string => `
track_file ${name} {
    file "${file}"
    weight ${weight}
    init_file ${initial}
}
`

const trackProcess = ({name, process, weight}: VrrpView['processes'][number]): string => `
vrrp_track_process ${name} {
    process "${process}"
    weight ${weight}
}
`

/** What decides on the gateway as a whole: on the sync group where there is one, else on its only instance. */
const tracking = (view: VrrpView): string =>
  block('track_interface', view.trackDevices) +
  block(
    'track_file',
    view.tracks.map(({name}) => name),
  ) +
  block(
    'track_process',
    view.processes.map(({name}) => name),
  )

const group = (view: VrrpView, members: readonly string[]): string => `
vrrp_sync_group ${view.name} {
${block('group', members)}${tracking(view)}}
`

const vrrpInstance = (view: VrrpView, instance: Instance): string => `
vrrp_instance ${instance.name} {
    state BACKUP
    interface ${instance.device}
${onlyIf(instance.isOwn && view.vote !== undefined, '    dont_track_primary\n')}    virtual_router_id ${instance.routerId}
    priority ${instance.priority}
    advert_int ${view.advertInterval}
    down_timer_adverts ${view.downTimerAdverts}
${onlyIf(view.preempt === 'never', '    nopreempt\n')}${onlyIf(view.preempt === 'always' && view.preemptDelay > 0, `    preempt_delay ${view.preemptDelay}\n`)}\
${instance.unicast ? unicast(instance.unicast) : ''}\
${block('virtual_ipaddress', instance.advertised)}${block('virtual_ipaddress_excluded', instance.excluded)}\
${onlyIf(instance.isOwn && view.group === undefined, tracking(view))}}
`

/** The peers are neighbours: what has crossed a router, and so has a smaller TTL, is not from them (RFC 5798 5.1.1.3). */
const unicast = ({source, peers}: NonNullable<Instance['unicast']>): string =>
  `    unicast_src_ip ${source}
    unicast_ttl 255
    unicast_fault_no_peer
${block(
  'unicast_peer',
  peers.map(peer => `${peer} min_ttl 255 max_ttl 255`),
)}`
