/** Values that are worth keeping, up to `limitBytes` of them, the least recently used dropped first. */
export const createCache = <T extends { bytes: number }>(limitBytes: number) => {
  const entries = new Map<string, Promise<T>>()
  const sizes = new Map<string, number>()

  const forget = (key: string): void => {
    entries.delete(key)
    sizes.delete(key)
  }

  /** Never drops `kept`, however large it is: somebody waits for it. */
  const trim = (kept: string): void => {
    let total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    for (const key of [...entries.keys()]) {
      if (total <= limitBytes) return
      if (key === kept || !sizes.has(key)) continue
      total -= sizes.get(key)!
      forget(key)
    }
  }

  const load = async (key: string, make: () => Promise<T>): Promise<T> => {
    try {
      // not at once: a failure must be forgotten after it was entered
      const value = await Promise.resolve().then(make)
      sizes.set(key, value.bytes)
      trim(key)
      return value
    } catch (error) {
      forget(key)
      throw error
    }
  }

  return {
    /** The value of `key`, made when it is not there; those who ask meanwhile wait for the same one. */
    of: (key: string, make: () => Promise<T>): Promise<T> => {
      const value = entries.get(key) ?? load(key, make)
      // the end of a Map is what was used last
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    clear: (): void => {
      entries.clear()
      sizes.clear()
    },
  }
}
