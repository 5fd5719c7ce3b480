/** Interleaved samples as one array per channel. */
export const planar = (interleaved: Float32Array, channels: number): Float32Array[] => {
  const frames = Math.floor(interleaved.length / channels)
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames)
    for (let frame = 0, at = channel; frame < frames; frame++, at += channels) samples[frame] = interleaved[at]!
    return samples
  })
}
