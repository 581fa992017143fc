import {itemAt, type Labelled, labelled, triggerOf} from './entry.ts'

type Trigger = Parameters<typeof triggerOf>[0]
type Item = {
  readonly key: string
  readonly name: string
  readonly units?: string
  readonly isFloat?: true
  readonly trigger?: Omit<Trigger, 'expression'> & {readonly when: (item: string) => string}
}

const itemOf = (kind: string, component: string, delay: string, item: Item, rest: object = {}): Labelled => {
  const {key, name, units, isFloat, trigger} = item
  const {when, ...said} = trigger ?? {}
  return labelled(kind, key, {
    name,
    key,
    delay,
    ...(isFloat && {value_type: 'FLOAT'}),
    ...(units !== undefined && {units}),
    ...rest,
    tags: [{tag: 'component', value: component}],
    ...(when && {
      [`trigger${kind === 'item' ? 's' : '_prototypes'}`]: [
        triggerOf({...(said as Omit<Trigger, 'expression'>), expression: when(itemAt(key))}),
      ],
    }),
  })
}

/** The machine, by the agent's own keys. */
export const hostItems = (delay: string, silence: number): readonly Labelled[] =>
  (
    [
      {
        key: 'agent.ping',
        name: 'The agent answers',
        trigger: {name: 'The agent is silent', when: item => `nodata(${item},${silence}s)=1`, priority: 'HIGH'},
      },
      {
        key: 'system.cpu.util',
        name: 'CPU in use',
        units: '%',
        isFloat: true,
        trigger: {name: 'CPU busy', when: item => `min(${item},300s)>90`, priority: 'WARNING'},
      },
      {key: 'system.cpu.load[all,avg1]', name: 'Load of a minute', isFloat: true},
      {
        key: 'vm.memory.size[pavailable]',
        name: 'Memory available',
        units: '%',
        isFloat: true,
        trigger: {name: 'Little memory', when: item => `max(${item},300s)<10`, priority: 'WARNING'},
      },
      {key: 'vm.memory.size[total]', name: 'Memory', units: 'B'},
      {
        key: 'vfs.fs.size[/,pused]',
        name: 'Disk in use',
        units: '%',
        isFloat: true,
        trigger: {name: 'Disk almost full', when: item => `last(${item})>90`, priority: 'AVERAGE'},
      },
      {key: 'system.uptime', name: 'Time since the boot', units: 'uptime'},
    ] as const satisfies readonly Item[]
  ).map(item => itemOf('item', 'host', delay, item))

const perSecond = {type: 'CHANGE_PER_SECOND', parameters: ['']}
const bits = {preprocessing: [perSecond, {type: 'MULTIPLIER', parameters: ['8']}]}

/** Traffic and errors of each network device. */
export const networkDiscovery = (discovery: string, delay: string): Labelled =>
  labelled('discovery', 'net.if.discovery', {
    name: 'Network device',
    key: 'net.if.discovery',
    delay: discovery,
    filter: {conditions: [{macro: '{#IFNAME}', value: '^lo$', operator: 'NOT_MATCHES_REGEX', formulaid: 'A'}]},
    lifetime: '1d',
    item_prototypes: (['in', 'out'] as const).flatMap(way => {
      const name = `Network device {#IFNAME}: ${way}`
      return [
        itemOf('prototype', 'network', delay, {key: `net.if.${way}["{#IFNAME}"]`, name, units: 'bps'}, bits),
        itemOf(
          'prototype',
          'network',
          delay,
          {
            key: `net.if.${way}["{#IFNAME}",errors]`,
            name: `${name}, errors`,
            isFloat: true,
            trigger: {name: `${name}: errors`, when: item => `min(${item},300s)>1`, priority: 'WARNING'},
          },
          {preprocessing: [perSecond]},
        ),
      ]
    }),
  })
