/** The newest values by key whose sizes sum to `limit` at most, and always the last; reading one makes it new again. */
export class Lru<Value> {
  readonly #limit: number
  readonly #sizeOf: (value: Value) => number
  readonly #entries = new Map<string, Value>()
  #size = 0

  constructor(limit: number, sizeOf: (value: Value) => number = () => 1) {
    this.#limit = limit
    this.#sizeOf = sizeOf
  }

  read(key: string): Value | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, value)
    }
    return value
  }

  write(key: string, value: Value): void {
    this.#delete(key)
    this.#entries.set(key, value)
    this.#size += this.#sizeOf(value)
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#limit || oldest === key) return
      this.#delete(oldest)
    }
  }

  #delete(key: string): void {
    const value = this.#entries.get(key)
    if (value !== undefined) this.#size -= this.#sizeOf(value)
    this.#entries.delete(key)
  }
}
