/** As the models hear a recording: the mean of its channels. */
export const mono = (channels: Float32Array[]): Float32Array => {
  const [first, ...rest] = channels
  if (!first) return new Float32Array(0)
  if (rest.length === 0) return first
  return first.map((value, frame) => {
    let sum = value
    for (const other of rest) sum += other[frame]!
    return sum / channels.length
  })
}
