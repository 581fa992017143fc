import {checkSh} from './check.ts'
import {differencesAwk} from './differences.ts'
import {keySh} from './key.ts'
import {libSh} from './lib.ts'
import {raisedSh} from './raised.ts'
import {reloadSh} from './reload.ts'
import {routesSh} from './routes.ts'
import {sessionsAwk} from './sessions.ts'
import {watchSh} from './watch.ts'

/** What is installed below /usr/local/lib/gatewright; the watcher is started anew when one that it has read changes. */
export const hostPrograms = [
  {name: 'wireguard-lib', content: libSh, mode: '0644', isWatcher: true},
  {name: 'wireguard-sessions.awk', content: sessionsAwk, mode: '0644', isWatcher: false},
  {name: 'wireguard-differences.awk', content: differencesAwk, mode: '0644', isWatcher: false},
  {name: 'wireguard-routes', content: routesSh, mode: '0755', isWatcher: false},
  {name: 'wireguard-raised', content: raisedSh, mode: '0755', isWatcher: false},
  {name: 'wireguard-reload', content: reloadSh, mode: '0755', isWatcher: false},
  {name: 'wireguard-key', content: keySh, mode: '0755', isWatcher: false},
  {name: 'wireguard-check', content: checkSh, mode: '0755', isWatcher: false},
  {name: 'wireguard-watch', content: watchSh, mode: '0755', isWatcher: true},
] as const
