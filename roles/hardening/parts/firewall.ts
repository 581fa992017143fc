import {nftAtBoot, nftTable, pkg, type Resource, service} from 'gatewright'
import {nftFilter} from '../templates/nft-filter.ts'
import type {FirewallView} from '../view/firewall.ts'

/** Debian's own unit flushes every table when it stops, those of keepalived included: it is masked and never stopped. */
export const firewallResources = (view: FirewallView): readonly Resource[] => [
  pkg({name: 'nftables', provides: {units: [{name: 'nftables', enabled: false}], commands: ['nft']}}),
  service({name: 'nftables', enabled: false, masked: true}),
  ...nftAtBoot(),
  nftTable({family: 'inet', name: 'gatewright_filter', rules: nftFilter(view), confirm: true}),
]
