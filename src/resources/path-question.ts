import {posix} from 'node:path'
import {$, type Command, raw} from '../shell/command.ts'
import {textCap} from './content.ts'

export type PathQuestion = {
  readonly path: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** A link at the path stands for what it points to. */
  readonly follow?: boolean | undefined
  /** Where the path is a directory: the name in it that is meant. */
  readonly into?: string | undefined
  /** The content of a regular file is sent unless it has this digest; not at all when undefined. */
  readonly unlessSha256?: string | undefined
  /** The content of a regular file is sent below `contentCap`. */
  readonly content?: boolean
  /** Whose a new file would be. */
  readonly creator?: boolean
  /** Another path: whether something is there, and what. */
  readonly peer?: string | undefined
  /** Whether something is in a directory. */
  readonly emptiness?: boolean
  /** All that is in a directory. */
  readonly tree?: boolean
  /** Nothing is at a path that leads through a file. */
  readonly isAbsentBelowFile?: boolean
}

/** What is edited on the way has to be sent as a whole: no more than this, in bytes. */
export const contentCap = 8 * 1024 * 1024

/**
 * Asks what stands at a path, in lines `word value`. Only ENOENT passes for absent: stat(1) tells its cause in no other
 * way than the text of strerror(3), which LC_ALL=C fixes.
 */
export const pathQuestion = (question: PathQuestion): Command => {
  const {peer, creator} = question
  return $`
p=${question.path}
say() { printf '%s ' "$1"; printf %s "$2" | base64 | tr -d '\\n'; echo; }
${whereabouts(question)}
d=\${p%/*} d=\${d:-/}
if [ -d "$d" ]; then ${creator ? raw('stat -L -c \'parent %a|%G|%g\' -- "$d"') : raw('echo parent')}
else q=$d; while [ ! -d "$q" ]; do q=\${q%/*} q=\${q:-/}; done; say base "$q"; ${creator ? raw('stat -L -c \'above %a|%G|%g\' -- "$q"') : raw(':')}; fi
${known('passwd', 'owner', question.owner)}
${known('group', 'group', question.group)}
${creator ? raw("stat -L -c 'creator %U|%u|%G|%g' /proc/self") : raw('')}
${peer === undefined ? raw('') : $`if r=$(stat -L -c '%F|%a|%U|%u|%G|%g|%s|%d:%i' -- ${peer} 2>/dev/null); then echo "peer $r"; fi`}
if ! s=$(LC_ALL=C stat -c '%F|%a|%U|%u|%G|%g|%s|%d:%i' -- "$p" 2>&1); then
case $s in
*': No such file or directory') echo absent; exit 0 ;;
*': Not a directory') say blocked "$s"; echo absent; exit 0 ;;
*) printf '%s\\n' "$s" >&2; exit 3 ;;
esac
fi
printf 'stat %s\\n' "$s"
case $s in
'symbolic link|'*) t=$(readlink -- "$p" && echo .) || exit 3; say target "$t" ;;
regular*) d=$(sha256sum <"$p") || exit 3; d=\${d%% *}; echo "sha256 $d"
${content(question)} ;;
directory*) ${inDirectory(question)} ;;
esac
exit 0`
}

/** Leaves in $p where it really lies: links on the way, at its end where they are followed, and the name in a directory. */
const whereabouts = ({path, follow, into}: PathQuestion): Command => {
  const above = ancestorsOf(path)
  return $`v= f=
${into === undefined ? raw('') : $`[ ! -d "$p" ] || { p=$p/${into} f=1; echo into; [ ! -L ${path} ] || { v=1; echo ${`via ${path}`}; }; }`}
${above.length === 0 ? raw('') : $`for q in ${above}; do [ ! -L "$q" ] || { v=1; printf 'via %s\\n' "$q"; }; done`}
n=\${p##*/} d=\${p%/*}
[ -z "$v" ] || { d=$(readlink -m -- "\${d:-/}" && echo .) && d=\${d%??} && p=\${d%/}/$n || exit 3; say named "$p"; }
${follow ? raw('if [ -L "$p" ]; then p=$(readlink -m -- "$p" && echo .) && p=${p%??} || exit 3; f=1; fi') : raw('')}
[ -z "$v$f" ] || say at "$p"`
}

/** `/a`, `/a/b` for `/a/b/c`. */
export const ancestorsOf = (path: string): string[] => {
  const parent = posix.dirname(path)
  return parent === '/' ? [] : [...ancestorsOf(parent), parent]
}

/** `owner 114 frr`: the account is there, with its number and name; a number is an account anyway. */
const known = (database: string, word: string, name: string | undefined): Command => {
  if (name === undefined || name === 'root') return $`echo ${word}`
  const otherwise = /^\d+$/.test(name) ? $`else echo ${word} ${name}; ` : raw('')
  return $`if a=$(getent ${database} ${name}); then n=\${a%%:*} a=\${a#*:*:}; echo ${word} "\${a%%:*} $n"; ${otherwise}fi`
}

const content = ({unlessSha256, content: always}: PathQuestion): Command => {
  if (always) return $`[ "\$(printf %s "$s" | cut -d '|' -f 7)" -gt ${contentCap} ] || { ${send}; }`
  if (unlessSha256 === undefined) return raw('')
  return $`if [ "$d" != ${unlessSha256} ] && [ "\$(printf %s "$s" | cut -d '|' -f 7)" -le ${textCap} ]; then ${send}; fi`
}
const send = raw("printf 'content '; base64 <\"$p\" | tr -d '\\n'; echo")

const inDirectory = ({emptiness, tree}: PathQuestion): Command => {
  if (tree)
    return raw(
      "printf 'tree '; { find \"$p\" -mindepth 1 -printf '%y|%m|%u|%U|%g|%G|%l\\0%P\\0' || exit 3; } | base64 | tr -d '\\n'; echo",
    )
  return emptiness ? raw('[ -z "$(find "$p" -mindepth 1 -maxdepth 1 -print -quit)" ] && echo empty') : raw(':')
}
