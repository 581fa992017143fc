import type {VrrpView} from '../view.ts'

const onlyIf = (condition: boolean, line: string): string => (condition ? `${line}\n` : '')

/** /etc/keepalived/keepalived.conf, keepalived.conf(5) of 2.2.7. */
export const keepalivedConf = (view: VrrpView): string => `# Written by gatewright; changes are overwritten.
global_defs {
    router_id ${view.routerName}
    vrrp_version 3
    vrrp_garp_master_delay 1
    vrrp_garp_master_repeat ${view.garpRepeat}
    vrrp_garp_master_refresh ${view.garpRefresh}
    vrrp_garp_lower_prio_repeat ${view.garpRepeat}
    vrrp_higher_prio_send_advert true
    dynamic_interfaces
    vrrp_no_swap
}

track_file maintenance {
    file "${view.maintenanceFile}"
    weight 0
    init_file 0
}

vrrp_instance ${view.instance} {
    state BACKUP
    interface ${view.device}
    virtual_router_id ${view.routerId}
    priority ${view.priority}
    advert_int ${view.advertInterval}
    down_timer_adverts ${view.downTimerAdverts}
${onlyIf(!view.preempt, '    nopreempt')}    virtual_ipaddress {
        ${view.address} dev ${view.device}
    }
    track_file {
        maintenance
    }
}
`
