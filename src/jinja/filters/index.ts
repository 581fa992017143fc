import {dataFilters} from './data-filters.ts'
import {hashFilters} from './hash-filters.ts'
import {listFilters} from './list-filters.ts'
import {mappingFilters} from './mapping-filters.ts'
import {networkFilters} from './network-filters.ts'
import {numberFilters} from './number-filters.ts'
import {pathFilters} from './path-filters.ts'
import {refusingFilters} from './refused-filters.ts'
import {regexFilters} from './regex-filters.ts'
import type {Filters} from './shape.ts'
import {textFilters} from './text-filters.ts'

/** Every filter, by its short name. */
export const filters: Filters = {
  ...textFilters,
  ...listFilters,
  ...mappingFilters,
  ...numberFilters,
  ...regexFilters,
  ...dataFilters,
  ...pathFilters,
  ...hashFilters,
  ...networkFilters,
  ...refusingFilters,
}

/** Filters that hand parts on as they are: a secret in one item does not make secrets of the others. */
export const structuralFilters: ReadonlySet<string> = new Set(
  'list first last map select reject selectattr rejectattr groupby flatten zip zip_longest product batch slice items dict2items items2dict combine extract subelements default d mandatory ternary length count'.split(
    ' ',
  ),
)
