import {yamlText} from 'gatewright'
import type {MonitoringVars} from '../vars.ts'
import {itemAt, type Labelled, labelled, templateGroup, templateName, triggerOf} from './entry.ts'
import {hostItems, networkDiscovery} from './host-items.ts'
import {keyOf, type Subject, subjects} from './subjects.ts'
import {type Thing, thingsOf, type Value, valueMaps} from './things.ts'

type Vars = Parameters<typeof thingsOf>[0] & Pick<MonitoringVars, 'zabbix_interval'>

/** The template in the format of Zabbix 6.0's own exports (Manual, XML export/import): what is at its default is left out. */
export const zabbixTemplate = (vars: Vars): string => {
  const delay = `${vars.zabbix_interval}s`
  return yamlText({
    zabbix_export: {
      version: '6.0',
      groups: [labelled('group', templateGroup, {name: templateGroup})],
      templates: [
        labelled('template', templateName, {
          template: templateName,
          name: templateName,
          description: 'A host that gatewright monitors: what its roles offer, found by discovery.',
          groups: [{name: templateGroup}],
          items: [...hostItems(delay, vars.zabbix_silence), ...(Object.keys(subjects) as Subject[]).map(master(delay))],
          discovery_rules: [networkDiscovery(`${20 * vars.zabbix_interval}s`, delay), ...thingsOf(vars).map(discovery)],
          valuemaps: Object.entries(valueMaps).map(([name, words]) =>
            labelled('value map', name, {
              name,
              mappings: words.map((newvalue, value) => ({value: String(value), newvalue})),
            }),
          ),
        }),
      ],
    },
  })
}

/** All answers of a subject, of which others are made. */
const master =
  (delay: string) =>
  (subject: Subject): Labelled =>
    labelled('item', keyOf(subject), {
      name: `What the agent tells of ${subject}`,
      key: keyOf(subject),
      delay,
      history: '1h',
      trends: '0',
      value_type: 'TEXT',
      tags: [{tag: 'component', value: subject}],
    })

/** Values change with each answer; what there is does not, and is looked at once an hour then. */
const onlyNames = `return JSON.stringify(JSON.parse(value).map(function (each) { return {name: each.name, id: each.id} }))`

const discovery = ({name, subject, values}: Thing): Labelled =>
  labelled('discovery', `${keyOf(subject)}.${values[0].metric}`, {
    name,
    type: 'DEPENDENT',
    key: `${keyOf(subject)}.${values[0].metric}.discovery`,
    delay: '0',
    filter: {conditions: [{macro: '{#METRIC}', value: `^gatewright_${values[0].metric}$`, formulaid: 'A'}]},
    lifetime: '1d',
    item_prototypes: values.map(prototype(name, subject)),
    ...triggerPrototypes(values.flatMap(triggersOf(name, subject)).filter(isAboutSeveral)),
    master_item: {key: keyOf(subject)},
    lld_macro_paths: [
      {lld_macro: '{#METRIC}', path: '$.name'},
      {lld_macro: '{#ID}', path: '$.id'},
    ],
    preprocessing: [
      {type: 'JAVASCRIPT', parameters: [onlyNames]},
      {type: 'DISCARD_UNCHANGED_HEARTBEAT', parameters: ['1h']},
    ],
  })

type Trigger = Labelled & {readonly expression: string}
const triggersOf =
  (thing: string, subject: Subject) =>
  ({metric, triggers = []}: Value): readonly Trigger[] => {
    const itemOf = (which: string): string => itemAt(`${keyOf(subject)}.${which}[{#ID}]`)
    return triggers.map(({name, when, severity}) => {
      const expression = when(itemOf(metric), itemOf)
      return {...triggerOf({name: `${thing} {#ID}: ${name}`, expression, priority: severity}), expression}
    })
  }

/** Zabbix exports a trigger about one item below it, and one about several below their rule. */
const isAboutSeveral = ({expression}: Trigger): boolean => new Set(expression.match(/\/[^/(]+\/[^,)]+/g)).size > 1
const triggerPrototypes = (triggers: readonly Trigger[]) => (triggers.length > 0 ? {trigger_prototypes: triggers} : {})

const prototype =
  (thing: string, subject: Subject) =>
  (value: Value): Labelled => {
    const {metric, name, units, map, isFloat, isRate} = value
    const key = `${keyOf(subject)}.${metric}[{#ID}]`
    return labelled('prototype', key, {
      name: `${thing} {#ID}: ${name}`,
      type: 'DEPENDENT',
      key,
      delay: '0',
      ...(isFloat && {value_type: 'FLOAT'}),
      ...(units !== undefined && {units}),
      ...(map !== undefined && {valuemap: {name: map}}),
      preprocessing: [
        {
          type: 'JSONPATH',
          parameters: [`$[?(@.name=='gatewright_${metric}' && @.id=='{#ID}')].value.first()`],
          // Who has nothing to say keeps silent: that is what nodata() is for.
          error_handler: 'DISCARD_VALUE',
        },
        ...(isRate ? [{type: 'CHANGE_PER_SECOND', parameters: ['']}] : []),
      ],
      master_item: {key: keyOf(subject)},
      tags: [{tag: 'component', value: subject}],
      ...triggerPrototypes(triggersOf(thing, subject)(value).filter(each => !isAboutSeveral(each))),
    })
  }
