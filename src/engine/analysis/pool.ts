/** Heads reduced to one map, one head at a time so that two maps at most are in memory. */
export const headReducer = (how: 'mean' | 'max', heads: number) => {
  let total: Float32Array | undefined
  return {
    add: (map: Float32Array): void => {
      const into = (total ??= new Float32Array(map.length).fill(how === 'max' ? -Infinity : 0))
      for (let i = 0; i < map.length; i++) {
        if (how === 'mean') into[i]! += map[i]! / heads
        else if (map[i]! > into[i]!) into[i] = map[i]!
      }
    },
    result: (): Float32Array => total ?? new Float32Array(0),
  }
}
