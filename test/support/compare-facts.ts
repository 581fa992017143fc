type Values = Readonly<Record<string, any>>

/** Lists that Ansible gives in the order of a directory: no certain one. */
const unordered = new Set(['all_ipv4_addresses', 'all_ipv6_addresses', 'interfaces'])
/** Parts of devices and mounts that are not told here. */
const untold = new Set(['speed', 'id', 'stp', 'features', 'timestamping', 'hw_timestamp_filters', 'module', 'pciid'])

const comparable = (name: string, value: unknown): unknown => {
  if (unordered.has(name)) return (value as string[]).toSorted((a, b) => (a < b ? -1 : 1))
  if (name === 'mounts') return (value as Values[]).map(({mount, device, fstype}) => ({mount, device, fstype}))
  if (typeof value === 'object' && value !== null && 'device' in value)
    return Object.fromEntries(Object.entries(value).filter(([key]) => !untold.has(key)))
  return value
}

/** Our facts under Ansible's names beside what Ansible's setup module says, each made comparable. */
export const compareFacts = (ours: Values, theirs: Values): {ours: Values; theirs: Values} => {
  const names = Object.keys(ours)
  return {
    ours: Object.fromEntries(names.map(name => [name, comparable(name, ours[name])])),
    theirs: Object.fromEntries(names.map(name => [name, comparable(name, theirs[`ansible_${name}`] ?? null)])),
  }
}
