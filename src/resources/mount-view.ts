/**
 * Whether `path` lies on a read-only mount, from lines of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)). A later mount
 * at the same place covers an earlier one.
 */
export const isReadOnly = (path: string, mountinfo: readonly string[]): boolean => {
  const over = mountinfo
    .map(line => line.split(' '))
    .map(fields => ({at: unescape(fields[4] ?? ''), options: `${fields[5]},${fields.at(-1)}`.split(',')}))
    .filter(({at}) => path === at || at === '/' || path.startsWith(`${at}/`))
    .reduce<{at: string; options: string[]} | undefined>(
      (nearest, mount) => (nearest && nearest.at.length > mount.at.length ? nearest : mount),
      undefined,
    )
  return over?.options.includes('ro') ?? false
}

const unescape = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
