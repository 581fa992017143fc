import {dump} from 'js-yaml'

/** A file in YAML that says what it is. Long lines stay whole: who compares two versions reads them by lines. */
export const yamlText = (value: unknown): string =>
  `# Written by gatewright; changes are overwritten.\n${dump(value, {lineWidth: -1, noRefs: true})}`
