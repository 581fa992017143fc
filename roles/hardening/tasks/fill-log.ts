import {$, faultTask} from 'gatewright'

const directory = '/var/log/journal'
const source = 'gatewright-drill-log'

/**
 * The disk of the logs is full: a small file system without room lies over the journal's directory, so that nothing else runs out of
 * it, and nothing of it outlives a reboot. A fault for drills.
 */
const {task, plan, heal} = faultTask('hardening-fill-log', () => ({
  what: `no room is left below ${directory}`,
  inject: $`mkdir -p ${directory}
mount -t tmpfs -o size=64k,mode=2755 ${source} ${directory}
cat /dev/zero >${`${directory}/full`} 2>/dev/null || :
journalctl --rotate 2>/dev/null || :`,
  heal: $`while grep -q ${`^${source} ${directory} `} /proc/mounts; do umount -l ${directory} || break; done
journalctl --rotate 2>/dev/null || :`,
}))
export default task
export {heal, plan}
