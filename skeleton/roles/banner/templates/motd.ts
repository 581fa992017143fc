type View = {readonly host: string; readonly system: string; readonly owner: string; readonly notes: readonly string[]}

export const motd = ({host, system, owner, notes}: View): string => `${host}: ${system}, kept by ${owner}
${notes.map(note => `- ${note}\n`).join('')}`
