import {modules} from './modules/index.ts'

/** Kinds of ours that Ansible does not know: they have no long name. */
const own = new Set(['fileset', 'directory', 'link', 'exec'])
/** Ansible finds these under `ansible.builtin` too: it redirects. */
const posix = new Set(['authorized_key', 'sysctl'])

const prefixesOf = (name: string): readonly string[] =>
  own.has(name) ? [''] : ['', 'ansible.builtin.', 'ansible.legacy.', ...(posix.has(name) ? ['ansible.posix.'] : [])]

const names: ReadonlyMap<string, string> = new Map(
  Object.keys(modules).flatMap(name => prefixesOf(name).map((prefix): [string, string] => [`${prefix}${name}`, name])),
)

/** Every key by which a task may name its module. */
export const moduleKeys = (): IterableIterator<string> => names.keys()

/** `ansible.builtin.apt` -> `apt`; undefined for what is no module here. */
export const moduleName = (key: string): string | undefined => names.get(key)
