import {$, exec, file, fileset, handler, link, pkg, type Resource, raw, Secret, service} from 'gatewright'
import {zabbix} from '../places.ts'
import {psql} from '../programs/zabbix-site.ts'
import {zabbixSite} from '../resources/zabbix-site.ts'
import {frontendConf, nginxConf, phpPool} from '../templates/zabbix-frontend.ts'
import {databaseConf, zabbixServerConf} from '../templates/zabbix-server-conf.ts'
import type {MonitoringVars} from '../vars.ts'
import type {Watched} from '../watched.ts'
import {zabbixTemplate} from '../zabbix/template.ts'
import {patientDropIn} from './patient-drop-in.ts'

/** The PostgreSQL and the PHP of Debian 12. */
const database = '/etc/postgresql/15/main'
const php = {unit: 'php8.2-fpm', etc: '/etc/php/8.2/fpm', check: $`php-fpm8.2 -t`}
const schema = '/usr/share/zabbix-server-pgsql'

/** Zabbix' server, database and frontend, and what the server is to ask. */
export const zabbixServer = (
  name: string,
  hosts: readonly Watched[],
  vars: MonitoringVars & {readonly zabbix_password: Secret},
): readonly Resource[] => [
  ...databaseParts(vars),
  ...serverParts(vars),
  ...frontendParts(name),
  ...siteParts(hosts, vars),
]

const databaseParts = ({zabbix_database_cache: cache}: MonitoringVars): readonly Resource[] => [
  pkg({
    name: 'postgresql',
    provides: {units: ['postgresql'], users: ['postgres'], directories: [`${database}/conf.d`]},
  }),
  file({
    path: `${database}/conf.d/gatewright.conf`,
    content: databaseConf(cache),
    notify: [handler(service.restart('postgresql'))],
  }),
  service({name: 'postgresql', enabled: true, running: true}),
]

const serverParts = (vars: MonitoringVars): readonly Resource[] => {
  const restart = handler(service.restart('zabbix-server'))
  const conf = `${zabbix.etc}/zabbix_server.conf`
  return [
    pkg({
      name: 'zabbix-server-pgsql',
      provides: {units: ['zabbix-server'], users: ['zabbix'], groups: ['zabbix'], files: [conf]},
    }),
    exec({
      name: "Zabbix' database",
      unless: $`${raw(psql)} -d zabbix -c 'select 1 from dbversion' | grep -q 1`,
      run: loadDatabase,
    }),
    file({
      path: conf,
      content: zabbixServerConf(vars),
      notify: [restart],
    }),
    // It ends with success when one of its processes dies.
    ...patientDropIn('zabbix-server', restart),
    service({name: 'zabbix-server', enabled: true, running: true}),
  ]
}

/** All tables or none: what broke off begins anew. The user zabbix of the host is the user zabbix of the database (peer). */
const loadDatabase = $`
as() { user=$1; shift; setpriv --reuid="$user" --regid="$user" --clear-groups -- "$@"; }
cd /
[ "$(as postgres psql -XAtqc "select 1 from pg_roles where rolname = 'zabbix'")" = 1 ] || as postgres createuser zabbix
[ "$(as postgres psql -XAtqc "select 1 from pg_database where datname = 'zabbix'")" = 1 ] ||
  as postgres createdb --owner=zabbix --encoding=UTF8 --locale=C.UTF-8 --template=template0 zabbix
zcat ${schema}/schema.sql.gz ${schema}/images.sql.gz ${schema}/data.sql.gz |
  as zabbix psql -Xq -v ON_ERROR_STOP=1 --single-transaction -d zabbix >/dev/null`

const frontendParts = (name: string): readonly Resource[] => {
  const restart = handler(service.restart(php.unit))
  return [
    pkg({
      // Together: apt would choose another server for PHP.
      name: [php.unit, 'nginx', 'zabbix-frontend-php'],
      provides: {
        units: [php.unit, 'nginx'],
        directories: [`${php.etc}/pool.d`, '/etc/nginx/conf.d', '/etc/nginx/sites-enabled'],
      },
    }),
    file({
      path: `${zabbix.etc}/zabbix.conf.php`,
      content: frontendConf(name),
      group: 'zabbix',
      mode: '0640',
      validate: candidate => $`php -l ${candidate} >/dev/null`,
    }),
    fileset({
      name: "PHP of Zabbix' frontend",
      files: [{path: `${php.etc}/pool.d/gatewright-zabbix.conf`, content: phpPool}],
      check: php.check,
      notify: [restart],
    }),
    // Debian's example listens on every address.
    link({path: '/etc/nginx/sites-enabled/default', state: 'absent'}),
    fileset({
      name: "nginx of Zabbix' frontend",
      files: [{path: '/etc/nginx/conf.d/gatewright-zabbix.conf', content: nginxConf}],
      check: $`nginx -t`,
      notify: [handler(service.reload('nginx'))],
    }),
    service({name: php.unit, enabled: true, running: true}),
    service({name: 'nginx', enabled: true, running: true}),
  ]
}

const siteParts = (
  hosts: readonly Watched[],
  vars: MonitoringVars & {readonly zabbix_password: Secret},
): readonly Resource[] => [
  file({path: zabbix.template, content: zabbixTemplate(vars)}),
  file({path: zabbix.password, content: new Secret(`${vars.zabbix_password.reveal()}\n`), mode: '0600'}),
  zabbixSite({
    group: 'gatewright',
    hosts: hosts.flatMap(({name, address, agent}) => (agent ? [{name, address, ...agent}] : [])),
  }),
]
