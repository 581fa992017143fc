import {ports, zabbix} from '../places.ts'

/** The frontend's own file, in place of what its first page would ask for. It is zabbix in PostgreSQL, as its processes are. */
export const frontendConf = (name: string): string => `<?php
// Written by gatewright; changes are overwritten.
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = '';
$DB['PORT'] = '0';
$DB['DATABASE'] = 'zabbix';
$DB['USER'] = 'zabbix';
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '127.0.0.1';
$ZBX_SERVER_PORT = '${ports.zabbix}';
$ZBX_SERVER_NAME = '${name.replaceAll(/['\\]/g, '')}';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
`

/** PHP's processes of the frontend, started when somebody asks; limits are those that it demands (Manual, Requirements). */
export const phpPool = `; Written by gatewright; changes are overwritten.
[gatewright-zabbix]
user = zabbix
group = zabbix
listen = ${zabbix.socket}
listen.owner = www-data
listen.mode = 0600
pm = ondemand
pm.max_children = 8
php_value[max_execution_time] = 300
php_value[max_input_time] = 300
php_value[memory_limit] = 256M
php_value[post_max_size] = 16M
php_value[upload_max_filesize] = 2M
php_value[date.timezone] = UTC
`

/** For this host alone: passwords would cross the network in the clear. People come by SSH (`ssh -L`). */
export const nginxConf = `# Written by gatewright; changes are overwritten.
server {
  listen 127.0.0.1:${ports.frontend};
  root /usr/share/zabbix;
  index index.php;
  client_max_body_size 16m;
  location ~ ^/(app|conf|include|local|locale|vendor)/ { deny all; }
  location ~ \\.php$ {
    try_files $uri =404;
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_read_timeout 300s;
    fastcgi_pass unix:${zabbix.socket};
  }
}
`
