import type {MonitoringVars} from '../vars.ts'

type Vars = Pick<MonitoringVars, 'zabbix_pollers' | 'zabbix_cache'>

/**
 * zabbix_server.conf. It asks, and listens to nobody but this host's frontend; PostgreSQL knows it by its user (peer), so that there is no
 * password to keep.
 */
export const zabbixServerConf = ({zabbix_pollers: pollers, zabbix_cache: cache}: Vars): string => `${[
  '# Written by gatewright; changes are overwritten.',
  'LogType=console',
  'ListenIP=127.0.0.1',
  'PidFile=/run/zabbix/zabbix_server.pid',
  'SocketDir=/run/zabbix',
  // Empty: by PostgreSQL's socket.
  'DBHost=',
  'DBName=zabbix',
  'DBUser=zabbix',
  'Timeout=10',
  // Seconds until a change of what is to be asked is known; the default is a minute.
  'CacheUpdateFrequency=10',
  `StartPollers=${pollers}`,
  'StartPollersUnreachable=1',
  'StartPreprocessors=2',
  'StartLLDProcessors=1',
  'StartDBSyncers=2',
  'StartHistoryPollers=1',
  'StartPingers=1',
  'StartTrappers=1',
  'StartDiscoverers=0',
  'StartHTTPPollers=0',
  'StartEscalators=1',
  'StartAlerters=1',
  `CacheSize=${cache}M`,
  'FpingLocation=/usr/bin/fping',
  'StatsAllowedIP=127.0.0.1',
].join('\n')}
`

/** Of PostgreSQL. */
export const databaseConf = (cache: number): string => `# Written by gatewright; changes are overwritten.
shared_buffers = ${cache}MB
`
