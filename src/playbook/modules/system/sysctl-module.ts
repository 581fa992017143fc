import {sysctlLine} from '../../../resources/sysctl-line.ts'
import type {Module} from '../module.ts'
import {absent, mapping, path, presence, text} from '../schema-parts.ts'

const flag = {type: 'boolean'} as const

export const sysctlModule: Module = {
  about:
    'A kernel parameter, as a line of `/etc/sysctl.conf` or another `sysctl_file`, which is loaded after a change. (The function `sysctl` of roles keeps a file of its own.)',
  example: {name: 'net.ipv4.ip_forward', value: '1'},
  aliases: {key: 'name', val: 'value'},
  schema: mapping(
    {
      name: {...text, examples: ['net.ipv4.ip_forward']},
      value: {type: 'string'},
      state: presence,
      reload: {...flag, description: 'true unless given'},
      sysctl_set: flag,
      sysctl_file: path,
      ignoreerrors: flag,
    },
    ['name'],
    {if: absent, else: {required: ['value']}},
  ),
  make: (parameters, {notify}) => {
    const {name, value, state = 'present', reload = true, sysctl_set: set = false, ignoreerrors = false} = parameters
    return [
      sysctlLine({
        key: String(name).trim(),
        ...(value !== undefined && {value: valueOf(String(value))}),
        state,
        file: parameters['sysctl_file'] ?? '/etc/sysctl.conf',
        reload,
        set,
        ignoresErrors: ignoreerrors,
        notify,
      }),
    ]
  },
}

/** Words for yes and no are 1 and 0. */
const valueOf = (text: string): string => {
  if (/^(y|yes|on|1|true|t)$/i.test(text)) return '1'
  return /^(n|no|off|0|false|f)$/i.test(text) ? '0' : text.trim()
}
