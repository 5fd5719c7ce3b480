/** The running median of `width` (odd) values along each row, edges mirrored; rows too short to mirror stay as they are. */
export const medianFilter = (values: Float64Array, rowLength: number, width: number): Float64Array => {
  const half = width >> 1
  if (rowLength <= half || half === 0) return values
  const filtered = new Float64Array(values.length)
  const window = new Float64Array(width)
  const last = rowLength - 1
  for (let from = 0; from < values.length; from += rowLength)
    for (let i = 0; i < rowLength; i++) {
      for (let j = 0; j < width; j++) {
        const at = Math.abs(i + j - half)
        const value = values[from + (at > last ? 2 * last - at : at)]!
        let place = j
        for (; place > 0 && window[place - 1]! > value; place--) window[place] = window[place - 1]!
        window[place] = value
      }
      filtered[from + i] = window[half]!
    }
  return filtered
}
