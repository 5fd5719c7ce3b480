/**
 * As the models hear a recording: the mean of its channels. A single channel is handed on as it is; more are written into `into`
 * where it is given, which is longer or as long.
 */
export const mono = (channels: readonly Float32Array[], into?: Float32Array): Float32Array => {
  const [first] = channels
  if (!first) return new Float32Array(0)
  if (channels.length === 1) return first
  const frames = first.length
  const mean = into ? into.subarray(0, frames) : new Float32Array(frames)
  if (channels.length === 2) {
    const second = channels[1]!
    for (let frame = 0; frame < frames; frame++) mean[frame] = (first[frame]! + second[frame]!) / 2
    return mean
  }
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (const channel of channels) sum += channel[frame]!
    mean[frame] = sum / channels.length
  }
  return mean
}
