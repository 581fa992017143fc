import {InvalidInput} from '../../../diagnostic.ts'
import {placeOf} from '../../../diagnostics/positions.ts'
import {pkg} from '../../../resources/package.ts'
import {packageLists} from '../../../resources/package-lists.ts'
import type {AptOptions} from '../../../resources/package-script.ts'
import {packageUpgrade} from '../../../resources/package-upgrade.ts'
import type {Resource} from '../../../resources/resource.ts'
import type {Module, ModuleContext} from '../module.ts'
import {mapping, text, texts} from '../schema-parts.ts'

const flag = {type: 'boolean'} as const
const names = {type: 'array', items: text, description: 'a list of packages, each NAME or NAME=VERSION'} as const
const state = {enum: ['present', 'absent', 'latest'], description: 'present, absent or latest'} as const

export const aptModule: Module = {
  about:
    'Debian packages. Installing starts no daemon: say `service: {state: started}`. With `update_cache` and `name`, the lists are fetched when something is to be installed; with `cache_valid_time`, only when they are older.',
  example: {name: ['chrony', 'frr'], update_cache: true, cache_valid_time: 3600},
  aliases: {
    pkg: 'name',
    package: 'name',
    'update-cache': 'update_cache',
    'default-release': 'default_release',
    'install-recommends': 'install_recommends',
    'allow-unauthenticated': 'allow_unauthenticated',
    'allow-downgrade': 'allow_downgrade',
    'allow-downgrades': 'allow_downgrade',
    allow_downgrades: 'allow_downgrade',
  },
  schema: mapping(
    {
      name: names,
      state,
      update_cache: flag,
      cache_valid_time: {type: 'integer', minimum: 0, description: 'seconds'},
      purge: flag,
      autoremove: flag,
      install_recommends: {...flag, description: "as the host's apt is configured unless given"},
      default_release: text,
      fail_on_autoremove: flag,
      only_upgrade: flag,
      allow_unauthenticated: flag,
      allow_downgrade: flag,
      allow_change_held_packages: flag,
      upgrade: {enum: ['no', 'yes', 'safe', 'full', 'dist']},
      force_apt_get: {...flag, description: 'apt-get is always used'},
    },
    [],
  ),
  refused: {
    deb: {why: 'a file on the host is nothing that apt can compare', fix: 'put it into a package source'},
    force: {
      why: 'it lets apt break the host and take unsigned packages',
      fix: 'name what you need: allow_downgrade, allow_unauthenticated',
    },
    clean: {why: 'it is no state', fix: "write 'command: apt-get clean'"},
    autoclean: {why: 'it is no state', fix: "write 'command: apt-get autoclean'"},
    dpkg_options: {why: 'force-confdef and force-confold are always given', fix: 'remove it'},
    policy_rc_d: {why: 'nothing is started by an installation', fix: 'remove it'},
    lock_timeout: {why: 'a lock is waited for 120 s', fix: 'remove it'},
    update_cache_retries: {why: 'a failed download is tried again once', fix: "remove it, or use 'until'"},
    update_cache_retry_max_delay: {why: 'a failed download is tried again once', fix: 'remove it'},
  },
  make: (parameters, context) => aptResources(parameters, context),
}

/** The generic module, which is apt here. */
export const packageModule: Module = {
  about:
    'Packages, by apt. Installing starts no daemon; `provides` says what later tasks may rely on, so that check mode can predict them.',
  example: {name: 'chrony', provides: {units: ['chrony'], users: ['_chrony']}},
  schema: mapping(
    {
      name: names,
      state,
      provides: mapping(
        {units: texts, users: texts, groups: texts, files: texts, directories: texts, commands: texts},
        [],
      ),
    },
    ['name'],
  ),
  refused: {use: {why: 'packages are those of apt', fix: 'remove it'}},
  make: (parameters, context) => aptResources(parameters, context),
}

const aptResources = (parameters: Readonly<Record<string, any>>, context: ModuleContext): readonly Resource[] => {
  const {
    state = 'present',
    update_cache: updates,
    cache_valid_time: seconds = 0,
    autoremove,
    purge,
    upgrade = 'no',
  } = parameters
  const {taskId, notify} = context
  const given = ((parameters['name'] ?? []) as string[]).map(name => name.trim()).filter(name => name !== '')
  const isFresh = updates === true || seconds > 0
  const options = optionsOf(parameters)
  const lists = isFresh ? [packageLists({validForSeconds: seconds, taskId, notify})] : []
  if (upgrade !== 'no') {
    refuseBoth(given, parameters, context)
    const operation = upgrade === 'dist' || upgrade === 'full' ? 'dist-upgrade' : 'upgrade'
    return [...lists, packageUpgrade({operation, options, notify})]
  }
  if (given.length === 0) {
    if (lists.length === 0 && !autoremove) throw nothingToDo(context)
    return [
      ...lists,
      ...(autoremove ? [packageUpgrade({operation: 'autoremove', ...(purge && {purge}), options: {}, notify})] : []),
    ]
  }
  if (state === 'absent' && given.some(name => name.includes('='))) throw versionOfAbsent(parameters, context)
  const inInstall = isFresh && state === 'present'
  const resource = pkg({
    name: given.map(name => name.replace(/=.*/s, '')),
    state,
    ...(given.some(name => name.includes('=')) && state !== 'absent' && {versions: versionsOf(given)}),
    ...(purge && {purge}),
    ...(state !== 'absent' && {manual: true}),
    ...(parameters['only_upgrade'] && {onlyUpgrade: true}),
    options: {...options, ...(inInstall && {listsOlderThanSeconds: seconds === 0 ? -1 : seconds})},
    provides: parameters['provides'] ?? {anything: true},
    notify,
  })
  return inInstall ? [resource] : [...lists, resource]
}

const versionsOf = (given: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(given.flatMap(name => (name.includes('=') ? [name.split(/=(.*)/s).slice(0, 2)] : [])))

const optionsOf = (parameters: Readonly<Record<string, any>>): AptOptions => {
  const names = {
    install_recommends: 'recommends',
    default_release: 'defaultRelease',
    autoremove: 'autoremove',
    fail_on_autoremove: 'noRemove',
    only_upgrade: 'onlyUpgrade',
    allow_unauthenticated: 'allowUnauthenticated',
    allow_downgrade: 'allowDowngrade',
    allow_change_held_packages: 'allowHeld',
  } satisfies Record<string, keyof AptOptions>
  return Object.fromEntries(
    Object.entries(names).flatMap(([from, to]) => (parameters[from] === undefined ? [] : [[to, parameters[from]]])),
  )
}

const nothingToDo = ({at}: ModuleContext): InvalidInput =>
  new InvalidInput([
    {
      rule: 'missing-parameter',
      what: "'apt' does not say what to do",
      fix: 'add name, update_cache, upgrade or autoremove',
      at,
    },
  ])

const versionOfAbsent = (parameters: object, {at}: ModuleContext): InvalidInput =>
  new InvalidInput([
    {
      rule: 'invalid-parameter',
      what: 'what shall be absent has no version',
      fix: "write the name alone, or ask for another version with state 'present'",
      at: placeOf(parameters, ['name']) ?? at,
    },
  ])

const refuseBoth = (given: readonly string[], parameters: object, {at}: ModuleContext): void => {
  if (given.length > 0)
    throw new InvalidInput([
      {
        rule: 'invalid-parameter',
        what: "'name' and 'upgrade' are two different things",
        fix: 'make a task of each',
        at: placeOf(parameters, ['upgrade']) ?? at,
      },
    ])
}
