import {ports} from '../places.ts'

/** Runs PostgreSQL's client as its superuser, without a login that anybody writes down. */
export const psql = 'setpriv --reuid=postgres --regid=postgres --clear-groups psql -XAtq -v ON_ERROR_STOP=1'

const common = String.raw`
$task = json_decode($argv[1], true);
function sql($query) {
  $psql = popen('${psql} -d zabbix -f - >&2', 'w');
  fwrite($psql, $query);
  if (pclose($psql) !== 0) exit(1);
}
function asked($query, $database = 'zabbix') {
  return trim((string) shell_exec("${psql} -d $database -c " . escapeshellarg($query) . ' 2>/dev/null'));
}
function password() { global $task; return rtrim((string) @file_get_contents($task['password']), "\n"); }
function knows($password) { return password_verify($password, asked("select passwd from users where username = 'Admin'")); }
function api($method, $params) {
  static $auth = null;
  $request = json_encode(['jsonrpc' => '2.0', 'method' => $method, 'params' => $params, 'auth' => $auth, 'id' => 1]);
  $http = ['method' => 'POST', 'header' => 'Content-Type: application/json-rpc', 'content' => $request, 'timeout' => 300];
  $answer = @file_get_contents('http://127.0.0.1:${ports.frontend}/api_jsonrpc.php', false, stream_context_create(['http' => $http]));
  if ($answer === false) return null;
  $answer = json_decode($answer, true);
  if (!isset($answer['result'])) { fwrite(STDERR, "Zabbix refuses $method: " . ($answer['error']['data'] ?? 'no answer of its API') . "\n"); exit(1); }
  if ($method === 'user.login') { $auth = $answer['result']; register_shutdown_function(fn() => api('user.logout', [])); }
  return $answer['result'];
}
function login() { return api('user.login', ['username' => 'Admin', 'password' => password()]); }
function import() {
  global $task;
  $all = ['createMissing' => true, 'updateExisting' => true];
  $whole = $all + ['deleteMissing' => true];
  $rules = ['groups' => $all, 'templates' => $all];
  foreach (['items', 'discoveryRules', 'triggers', 'valueMaps'] as $kind) $rules[$kind] = $whole;
  return ['format' => 'yaml', 'source' => file_get_contents($task['template']), 'rules' => $rules];
}
function hosts() {
  return api('host.get', ['output' => ['host', 'status', 'tls_connect', 'tls_accept'], 'selectGroups' => ['name'],
    'selectParentTemplates' => ['host'], 'selectInterfaces' => ['interfaceid', 'type', 'main', 'useip', 'ip', 'port']]);
}
function isSurplus($host, $wanted) {
  global $task;
  $isOurs = in_array($task['group'], array_column($host['groups'], 'name')) || $host['host'] === $task['initial'];
  return $isOurs && $host['status'] == 0 && !in_array($host['host'], $wanted);
}
function agent($host) { foreach ($host['interfaces'] as $each) if ($each['type'] == 1 && $each['main'] == 1) return $each; }
`

/** Prints what Zabbix has, as JSON. It writes nothing but the session of its own login, which it ends. */
export const lookPhp = String.raw`${common}
function differences($tree) {
  $found = [];
  foreach ($tree as $kind => $changes)
    if (is_array($changes) && $kind !== 'before' && $kind !== 'after')
      foreach (['added', 'removed', 'updated'] as $how)
        foreach ($changes[$how] ?? [] as $one) {
          $within = differences($one);
          $name = $one['after'] ?? $one['before'];
          $found = array_merge($found, $how === 'updated' && $within ? $within : ["$how $kind " . ($name['name'] ?? $name['key'] ?? '')]);
        }
  return $found;
}
$isNew = !is_file($task['template']);
$answers = asked('select 1', 'postgres') !== '';
if (($answers ? asked('select 1 from dbversion') === '' : $isNew) || ($isNew && knows('zabbix'))) { echo json_encode(['is' => 'absent']); exit; }
if ($isNew || !knows(password()) || login() === null) { echo json_encode(['is' => 'closed']); exit; }
$known = hosts();
$keys = json_decode(asked("select coalesce(json_object_agg(host, json_build_array(tls_psk_identity, encode(sha256(convert_to(lower(tls_psk), 'UTF8')), 'hex'))), '{}') from hosts where status in (0, 1) and tls_psk <> ''"), true);
$found = [];
foreach ($known as $host) {
  $agent = agent($host);
  $found[] = ['name' => $host['host'], 'isOn' => $host['status'] == 0, 'inGroup' => in_array($task['group'], array_column($host['groups'], 'name')),
    'hasTemplate' => in_array($task['name'], array_column($host['parentTemplates'], 'host')),
    'address' => $agent ? ($agent['useip'] == 1 ? $agent['ip'] . ' ' . $agent['port'] : 'by name') : 'none',
    'byKey' => $host['tls_connect'] == 2 && $host['tls_accept'] == 2,
    'identity' => $keys[$host['host']][0] ?? '', 'digest' => $keys[$host['host']][1] ?? ''];
}
echo json_encode(['is' => 'open', 'template' => differences(api('configuration.importcompare', import())), 'hosts' => $found,
  'surplus' => array_column(array_values(array_filter($known, fn($host) => isSurplus($host, $task['hosts']))), 'host')]);
`

/** Makes it so, whatever of it is already; what is secret comes on its input. */
export const settlePhp = String.raw`${common}
$given = json_decode(stream_get_contents(STDIN), true);
if (!knows(password())) {
  $hash = password_hash(password(), PASSWORD_BCRYPT, ['cost' => 10]);
  sql("update users set passwd = '$hash', attempt_failed = 0 where username = 'Admin';
    delete from sessions where userid in (select userid from users where username = 'Admin')");
}
if (login() === null) { fwrite(STDERR, "Zabbix' API does not answer: see journalctl -u nginx -u php8.2-fpm\n"); exit(1); }
if (api('configuration.importcompare', import())) api('configuration.import', import());
$template = api('template.get', ['output' => ['templateid'], 'filter' => ['host' => $task['name']]])[0];
$groups = api('hostgroup.get', ['output' => ['groupid'], 'filter' => ['name' => $task['group']]]);
$group = ['groupid' => $groups[0]['groupid'] ?? api('hostgroup.create', ['name' => $task['group']])['groupids'][0]];
$known = array_column(hosts(), null, 'host');
foreach ($given as $wanted) {
  $interface = ['type' => 1, 'main' => 1, 'useip' => 1, 'ip' => $wanted['address'], 'dns' => '', 'port' => $task['port']];
  $host = ['host' => $wanted['name'], 'status' => 0, 'tls_connect' => 2, 'tls_accept' => 2,
    'tls_psk_identity' => $wanted['identity'], 'tls_psk' => $wanted['key']];
  $old = $known[$wanted['name']] ?? null;
  if (!$old) { api('host.create', $host + ['groups' => [$group], 'templates' => [$template], 'interfaces' => [$interface]]); continue; }
  $id = ['hostid' => $old['hostid']];
  api('host.update', $id + $host);
  $agent = agent($old);
  if ($agent) api('hostinterface.update', ['interfaceid' => $agent['interfaceid']] + $interface);
  else api('hostinterface.create', $id + $interface);
  api('host.massadd', ['hosts' => [$id], 'groups' => [$group], 'templates' => [$template]]);
}
foreach ($known as $name => $host)
  if (isSurplus($host, array_column($given, 'name'))) api('host.update', ['hostid' => $host['hostid'], 'status' => 1]);
`
