import type {Audit, Control} from './model.ts'
import type {AuditSettings} from './schema.ts'

export type AuditProblem = {readonly path: readonly (string | number)[]; readonly what: string; readonly fix: string}

/** Settings as they were written to what is judged, with everything in which they contradict themselves. */
export const readAudit = (
  settings: AuditSettings,
): {readonly audit: Audit; readonly problems: readonly AuditProblem[]} => ({
  audit: {
    controls: settings.controls.map(controlOf),
    waivers: settings.waivers,
    requirements: settings.requirements,
  },
  problems: [...controlProblems(settings), ...waiverProblems(settings), ...requirementProblems(settings)],
})

const controlOf = ({resources = [], ...written}: AuditSettings['controls'][number]): Control => ({
  ...written,
  resources,
})

const controlProblems = ({controls, requirements}: AuditSettings): AuditProblem[] => {
  const ids = controls.map(({id}) => id)
  const known = requirements.map(({id}) => id)
  return controls.flatMap(
    ({id, resources, observe, passes, applies, otherwise, on, repair, requirements: named}, index) => {
      const at = ['controls', index]
      const found: AuditProblem[] = []
      if (ids.indexOf(id) < index)
        found.push({path: [...at, 'id'], what: `two controls are called '${id}'`, fix: 'rename one'})
      if (resources === undefined && observe === undefined && passes === undefined)
        found.push({path: at, what: `nothing decides '${id}'`, fix: "add 'resources', 'observe' or 'passes'"})
      if ((observe !== undefined || passes !== undefined) && repair === undefined)
        found.push({path: at, what: `nobody would know what to do when '${id}' fails`, fix: "add 'repair'"})
      if ((applies === undefined) !== (otherwise === undefined))
        found.push({path: at, what: `'${id}' has only one of 'applies' and 'otherwise'`, fix: 'write both'})
      if (on !== undefined && observe === undefined)
        found.push({path: [...at, 'on'], what: `'${id}' asks ${on} nothing`, fix: "add 'observe'"})
      named.forEach((requirement, place) => {
        if (!known.includes(requirement))
          found.push({
            path: [...at, 'requirements', place],
            what: `'${id}' answers ${requirement}, which is no requirement of this audit`,
            fix: `known: ${known.join(', ') || 'none'}`,
          })
      })
      return found
    },
  )
}

const waiverProblems = ({controls, waivers}: AuditSettings): AuditProblem[] =>
  waivers.flatMap(({control, until}, index) => {
    const found: AuditProblem[] = []
    if (!controls.some(({id}) => id === control))
      found.push({
        path: ['waivers', index, 'control'],
        what: `a waiver is about the control '${control}', which does not exist`,
        fix: `known: ${controls.map(({id}) => id).join(', ')}`,
      })
    if (Number.isNaN(Date.parse(until)))
      found.push({
        path: ['waivers', index, 'until'],
        what: `the waiver of '${control}' ends on ${until}, which is no day`,
        fix: 'write it as 2027-01-31',
      })
    return found
  })

const requirementProblems = ({controls, requirements}: AuditSettings): AuditProblem[] => {
  const answered = new Set(controls.flatMap(each => each.requirements))
  return requirements.flatMap(({id, without}, index) => {
    const path = ['requirements', index]
    if (requirements.findIndex(each => each.id === id) < index)
      return [{path, what: `two requirements are called ${id}`, fix: 'rename one'}]
    if (!answered.has(id) && without === undefined)
      return [{path, what: `no control answers ${id}`, fix: "write a control, or the reason into 'without'"}]
    if (answered.has(id) && without !== undefined)
      return [{path, what: `a control answers ${id}, and 'without' says that none can`, fix: 'remove one of them'}]
    return []
  })
}
