/** Heads reduced to one map, one head at a time so that two maps at most are in memory. */
export const headReducer = (how: 'mean' | 'max', heads: number) => {
  const reduce = how === 'mean' ? sum : greatest
  let total: Float32Array | undefined
  return {
    add: (map: Float32Array): void => {
      if (total) reduce(total, map)
      else total = map.slice()
    },
    /** to be asked once */
    result: (): Float32Array => {
      const result = total ?? new Float32Array(0)
      if (how === 'mean') scale(result, 1 / heads)
      return result
    },
  }
}

// plain loops of one operation each: a map has two million values and a layer twelve of them
const sum = (into: Float32Array, map: Float32Array): void => {
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + map[i]!
}
const greatest = (into: Float32Array, map: Float32Array): void => {
  for (let i = 0; i < into.length; i++) if (map[i]! > into[i]!) into[i] = map[i]!
}
const scale = (values: Float32Array, by: number): void => {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * by
}
