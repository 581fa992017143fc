/** What a caught value says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** As `messageOf`, with the place in the program: for what nobody expected. */
export const stackOf = (error: unknown): string => (error instanceof Error && error.stack) || messageOf(error)

/** `1 host`, `3 hosts` */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
