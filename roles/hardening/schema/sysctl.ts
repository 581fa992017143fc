export const sysctlSchema = {
  sysctl: {
    type: 'boolean',
    default: true,
    description: 'Whether this role sets kernel parameters: a CIS-like baseline, less what other roles ask for.',
  },
  sysctl_keep: {
    type: 'array',
    items: {type: 'string'},
    default: [],
    description: 'Keys of the baseline that are left as they are on this host; each becomes a recorded exception.',
    examples: [['kernel.panic_on_oops']],
  },
  conntrack_max: {
    type: 'integer',
    minimum: 4096,
    default: 262144,
    description:
      'Flows that the kernel tracks at most, about 320 bytes each; buckets are a quarter of it. Equal on both gateways.',
  },
} as const
