import {$, type Command} from '../shell/command.ts'
import {type Answer, Unreadable, type Unsupported, unsupported} from './resource.ts'
import {isRunning, readProperties} from './systemd-show.ts'

export type ServiceState = {
  /** A unit file is there, also behind a mask. */
  readonly exists: boolean
  /** Made of an init script, as a removed package leaves one behind. */
  readonly generated: boolean
  readonly enabled: boolean
  /** Has an [Install] section, or is not there yet. */
  readonly canEnable: boolean
  readonly running: boolean
  readonly masked: boolean
  /** Unit files on the disk are newer than what systemd has read. */
  readonly outdated: boolean
  /** The condition that kept the last start from happening: `ConditionVirtualization=!container`. */
  readonly unmet?: string
  /** What deb-systemd-helper(1p) and systemd.preset(5) will make of the unit when its package is configured. */
  readonly package: {
    /** The mask is the helper's: it goes when the package comes back. */
    readonly ownsMask: boolean
    /** Whether all links that the helper once made are there; undefined: the package has never been configured. */
    readonly wasEnabled: boolean | undefined
    readonly preset: boolean
  }
}

/** `keepalived` -> `keepalived.service`; `logrotate.timer` stays. */
export const unitOf = (name: string): string =>
  /\.(socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name) ? name : `${name}.service`

const properties =
  'LoadState,ActiveState,SubState,UnitFileState,FragmentPath,NeedDaemonReload,ConditionResult,ConditionTimestampMonotonic'

/**
 * Asks what systemd and Debian's helper know of a unit; systemctl(1) answers for masked and missing ones as well. After a
 * daemon-reload systemd no longer knows which condition it was that was unmet, but its journal does.
 */
export const serviceQuestion = (name: string): Command => {
  const unit = unitOf(name)
  const template = unit.replace(/@.*\./, '@.')
  return $`
[ -d /run/systemd/system ] || { echo booted=no; exit 0; }
u=${unit}
state=$(systemctl show -p ${properties} -- "$u") || exit
printf '%s\\n' "$state"
for f in /etc/systemd/system/*.wants/"$u" /etc/systemd/system/*.requires/"$u"; do [ -L "$f" ] && echo links=yes; done
for f in /etc/rc[2-5].d/S[0-9][0-9]${name}; do [ -e "$f" ] && echo init-links=yes; done
for d in /usr/local/lib /usr/lib /lib /run; do [ -f "$d"/systemd/system/${template} ] && echo file=yes; done
case $state in *LoadState=masked*) [ -L /run/systemd/system/"$u" ] && [ ! -L /etc/systemd/system/"$u" ] && echo runtime-mask=yes ;; esac
h=/var/lib/systemd/deb-systemd-helper
[ -e "$h-masked/$u" ] && echo helper-mask=yes
if [ -f "$h-enabled/$u.dsh-also" ]; then
w=empty
while IFS= read -r l; do [ "$w" = no ] || w=yes; [ -L "$l" ] || w=no; done <"$h-enabled/$u.dsh-also" || exit
echo "helper=$w"
else
${preset}
fi
case $state in
*ActiveState=inactive*ConditionResult=no* | *ConditionResult=no*ActiveState=inactive*)
unmet=$(LC_ALL=C systemctl status --no-pager --full --lines=0 -- "$u" | sed -n 's/^.*[^A-Za-z]\\(Condition[A-Za-z]*=.*\\) was not met$/unmet=\\1/p')
[ -n "$unmet" ] || unmet=$(LC_ALL=C journalctl --quiet --boot --no-pager --output=cat --lines=1 --grep='unmet condition check' _PID=1 UNIT="$u" 2>/dev/null | sed -n 's/^.*(\\(Condition[A-Za-z]*=.*\\))[.]$/unmet=\\1/p')
printf '%s\\n' "$unmet" ;;
esac
exit 0`
}

/** The first rule that names the unit decides, over files in the order of their names, those in /etc before others. */
const preset: Command = $`
for f in /etc/systemd/system-preset/*.preset /run/systemd/system-preset/*.preset /usr/local/lib/systemd/system-preset/*.preset /usr/lib/systemd/system-preset/*.preset /lib/systemd/system-preset/*.preset; do
[ -f "$f" ] && printf '%s %s\\n' "\${f##*/}" "$f"
done | sort -s -u -k 1,1 | while read -r n f; do cat "$f"; echo; done | while read -r verb pattern rest; do
case $verb in enable | disable | ignore) case $u in $pattern) echo "preset=$verb"; break ;; esac ;; esac
done`

/** Throws Unreadable; Unsupported where systemd does not run. */
export const serviceState = (name: string, answer: Answer): ServiceState | Unsupported => {
  const read = readProperties(name, answer)
  if (read.get('booted') === 'no') return unsupported('systemd does not run this host')
  if (!read.has('LoadState')) throw new Unreadable(`${name}: systemctl tells nothing of this unit`)
  const [load, file, helper] = [read.get('LoadState'), read.get('UnitFileState') ?? '', read.get('helper')]
  const generated = file === 'generated'
  const masked = load === 'masked'
  const links = read.has('links')
  const unmet = read.get('unmet')
  return {
    exists: masked ? read.has('file') : load !== 'not-found',
    generated,
    enabled:
      masked || load === 'not-found'
        ? links
        : generated
          ? read.has('init-links')
          : file === 'enabled' || file === 'alias',
    canEnable: file !== 'static' && file !== 'transient',
    running: isRunning(read.get('ActiveState'), read.get('SubState')),
    masked,
    // Of a masked unit systemd reads no drop-ins, and says for ever that there are newer ones.
    outdated: read.get('NeedDaemonReload') === 'yes' && !masked,
    ...(unmet !== undefined && read.get('ConditionTimestampMonotonic') !== '0' && {unmet}),
    package: {
      ownsMask: read.has('helper-mask'),
      // An empty record belongs to a unit that nothing enables: its links say what is.
      wasEnabled: helper === undefined ? undefined : helper === 'empty' ? links : helper === 'yes',
      preset: read.get('preset') !== 'disable',
    },
  }
}
