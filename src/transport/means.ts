/** What connecting needs besides the target. */
export type Means = {
  /** Tells the user something. */
  readonly note: (text: string) => void
  /** Passphrases that the user has typed, by key file. */
  readonly passphrases: ReadonlyMap<string, string>
}

export const noMeans: Means = {note: () => {}, passphrases: new Map()}
