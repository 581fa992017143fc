// A role of your own: it says what a host should be like, and gatewright finds out what is to be done. Change it at will.
import {defineRole, file, os} from 'gatewright'
import {motd} from './templates/motd.ts'

export default defineRole({
  name: 'banner',
  // Variables of the role, as inventories write them: banner_owner, banner_notes.
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['owner'],
    properties: {
      owner: {type: 'string', minLength: 1, description: 'who is responsible for the host'},
      notes: {type: 'array', items: {type: 'string'}, default: [], description: 'what whoever logs in should know'},
    },
  } as const,
  // What it has to know of the host; all facts of all roles are asked in one request.
  facts: {os},
  resources: ({vars, facts, host}) => [
    file({path: '/etc/motd', content: motd({host: host.name, system: `${facts.os.id} ${facts.os.version}`, ...vars})}),
  ],
})
