/** The names that a template itself gives values to, inside of those around it. */
export class Frame {
  readonly #values = new Map<string, unknown>()
  readonly #around: Frame | undefined

  constructor(around?: Frame) {
    this.#around = around
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value)
  }

  has(name: string): boolean {
    return this.#values.has(name) || (this.#around?.has(name) ?? false)
  }

  get(name: string): unknown {
    return this.#values.has(name) ? this.#values.get(name) : this.#around?.get(name)
  }

  /** The outermost: what the template sets outside of loops and macros. */
  top(): Frame {
    return this.#around ? this.#around.top() : this
  }

  /** Its own, without those around it. */
  own(): ReadonlyMap<string, unknown> {
    return this.#values
  }
}
