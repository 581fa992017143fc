import {asUser, type Become, commandLine} from './become.ts'

/*
 * The shell that runs on the host, as text. It reaches the host as one argument of `exec /bin/sh -c '…'`, parsed first by
 * whatever the login shell is (csh and fish too), so it holds no newline, no single quote, no `!` and no double backslash.
 *
 * It does not read its program from stdin, because dash reads ahead in blocks. The `read` builtin takes single bytes and
 * `dd` takes exactly the block it is asked for (busybox's `head -c` reads ahead), so both may share one pipe.
 *
 * A request is: its length as a line, that many bytes of shell text (one call of `f` for each fragment), then the inputs
 * of the fragments in order. Frames go to file descriptor 3, which no fragment inherits:
 *
 *   MARKER H uid pid mode                the shell is there; mode is rw, ro or refused
 *   MARKER B n                           fragment n begins
 *   MARKER O n code length LF bytes LF   its stdout
 *   MARKER E n code length LF bytes LF   its stderr; now it is complete
 *   MARKER S n                           skipped, after a failed step of the same request
 *
 * f takes: number, flags, length of input, limit in seconds (0: none), script, prelude. Flags: s step, k keeps file
 * descriptor 9 (the lock), p has a prelude.
 */
const program = [
  'm=$1; mode=$2; LC_ALL=C; export LC_ALL; exec 3>&1 >&2;',
  't() { [ "$1" -lt 1048576 ] || dd bs=1048576 count=$(($1/1048576)) iflag=fullblock status=none;',
  '[ $(($1%1048576)) = 0 ] || dd bs=$(($1%1048576)) count=1 iflag=fullblock status=none; };',
  // A limit needs a process of its own that can be killed with all its children.
  'r() { case $2 in *k*) ;; *) exec 9>&- ;; esac; limit=$4; script=$5; set --;',
  'case $limit in 0) eval "$script" ;; *) exec timeout -k 5 "$limit" /bin/sh -c "$script" ;; esac; };',
  'f() {',
  'case $2$failed in *s*f) [ "$3" = 0 ] || t "$3" >/dev/null;',
  'printf "%s S %s\\n" "$m" "$1" >&3 || exit 1; return 0 ;; esac;',
  // When the channel is gone this write fails, and nothing further of the request may run.
  'printf "%s B %s\\n" "$m" "$1" >&3 || exit 1;',
  'case $2 in *p*) eval "$6" </dev/null >/dev/null 2>&1 ;; esac;',
  // Command substitution drops trailing newlines; the exit code behind an x keeps them.
  'err=$( { out=$(',
  'if [ "$3" = 0 ]; then ( r "$@" ) </dev/null 2>&4 3>&- 4>&-;',
  // What the script leaves unread of its input is drained, so that the stream stays in step.
  'else t "$3" 3>&- | { ( r "$@" ) 2>&4 3>&- 4>&-; code=$?; cat >/dev/null; exit "$code"; }; fi;',
  'printf "x%s" "$?"); code=${out##*x}; out=${out%x*};',
  'printf "%s O %s %s %s\\n%s\\n" "$m" "$1" "$code" "${#out}" "$out" >&3 || exit 1;',
  'printf "x%s" "$code"; } 4>&1 );',
  'code=${err##*x}; err=${err%x*};',
  'printf "%s E %s %s %s\\n%s\\n" "$m" "$1" "$code" "${#err}" "$err" >&3 || exit 1;',
  '[ "$code" = 0 ] || case $2 in *s*) failed=f ;; esac; };',
  'printf "%s H %s %s %s\\n" "$m" "$(id -u)" "$$" "$mode" >&3 || exit 1;',
  'while read -r n; do batch=$(t "$n" 3>&-; printf x); batch=${batch%x};',
  // Half a request is no request.
  '[ "${#batch}" = "$n" ] || exit 1;',
  'failed=; eval "$batch"; done',
].join(' ')

/*
 * Gives the shell a mount namespace of its own with every file system remounted read-only. Device nodes stay writable on
 * a read-only mount, so /dev/null works. $1 is the program, $2 the marker.
 */
const readOnlyStart = [
  'exec unshare --mount --propagation private /bin/sh -c "',
  'mode=ro;',
  'while read -r x x x x point x; do',
  'mount -o remount,bind,ro \\"\\$(printf %b \\"\\$point\\")\\" 2>/dev/null || mode=partial;',
  'done </proc/self/mountinfo;',
  'exec /bin/sh -c \\"\\$1\\" gatewright \\"\\$2\\" \\"\\$mode\\"',
  '" gatewright "$1" "$2"',
].join(' ')

const readOnly = `if unshare --mount true 2>/dev/null; then ${readOnlyStart}; else exec /bin/sh -c "$1" gatewright "$2" refused; fi`

export type LoopOptions = {
  /** Chosen at random for each shell: letters and digits. */
  readonly marker: string
  readonly readOnly: boolean
  readonly become?: Become | undefined
  /** Prompt by which sudo asks for a password on stdin; without it sudo may not ask. */
  readonly prompt?: string | undefined
  /** For tests: another POSIX shell. */
  readonly shell?: string
}

/** The argument list that starts the shell: what `/bin/sh` gets, below sudo or su. */
export const loopArguments = ({marker, readOnly: ro, become, prompt, shell = '/bin/sh'}: LoopOptions): string[] =>
  asUser(
    become,
    prompt,
    ro ? [shell, '-c', readOnly, 'gatewright', program, marker] : [shell, '-c', program, 'gatewright', marker, 'rw'],
  )

/** The command line for the login shell of the host. */
export const loopCommand = (options: LoopOptions): string => commandLine(loopArguments(options))
