import {join} from 'node:path'
import {root} from '../node-bin.ts'

/** All that belongs to this lab is in this network namespace, below this directory, or in the cache of images. */
export const namespace = 'gatewright-vagrant'
/** Box, disks and state of the machines; the box's own Vagrantfile knows its name. */
export const stateDirectory = '/var/lib/gatewright-vagrant'
/** What each phase printed, and the reports of the drill; git ignores it. */
export const logDirectory = join(root, 'reports/vagrant')
export const libvirtSocket = '/run/libvirt/libvirt-sock'
