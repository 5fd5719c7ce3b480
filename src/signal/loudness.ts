/**
 * Integrated loudness after Recommendation ITU-R BS.1770-5, annex 1: K-weighting, blocks of 400 ms that begin every 100 ms, gated at −70 LUFS
 * and then at 10 LU below the loudness of what is left. All channels weigh the same: which of them stand behind a listener is not known of a recording.
 */

interface LoudnessMeter {
  /** one array per channel, of equal length: the next frames of the sound */
  put(block: Float32Array[]): void
  /** LUFS of all that was put; null of silence, and of what is shorter than a block */
  integrated(): number | null
}

interface Biquad {
  b: readonly [number, number, number]
  a: readonly [number, number]
}

/**
 * The Recommendation gives its two filters for 48 kHz; these are the analogue ones they were made of by the bilinear transform, as De Man
 * found them (Evaluation of Implementations of the EBU R128 Loudness Measurement, AES 145, 2018), so that they can be made for any rate.
 */
const kWeighting = (rate: number): [Biquad, Biquad] => [shelf(rate), highPass(rate)]

const shelf = (rate: number): Biquad => {
  const [hertz, quality, gain] = [1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)]
  const k = Math.tan((Math.PI * hertz) / rate)
  const middle = gain ** 0.4996667741545416
  const scale = 1 + k / quality + k * k
  return {
    b: [
      (gain + (middle * k) / quality + k * k) / scale,
      (2 * (k * k - gain)) / scale,
      (gain - (middle * k) / quality + k * k) / scale,
    ],
    a: [(2 * (k * k - 1)) / scale, (1 - k / quality + k * k) / scale],
  }
}

const highPass = (rate: number): Biquad => {
  const [hertz, quality] = [38.13547087602444, 0.5003270373238773]
  const k = Math.tan((Math.PI * hertz) / rate)
  const scale = 1 + k / quality + k * k
  // as in the Recommendation's table, the numerator is not scaled
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / scale, (1 - k / quality + k * k) / scale] }
}

/** One filter over one channel, block after block (transposed direct form II). */
const filterOf = ({ b, a }: Biquad): ((sample: number) => number) => {
  let [first, second] = [0, 0]
  return (sample) => {
    const made = b[0] * sample + first
    first = b[1] * sample - a[0] * made + second
    second = b[2] * sample - a[1] * made
    return made
  }
}

const stepsPerBlock = 4
const lufsOf = (power: number): number => -0.691 + 10 * Math.log10(power)
const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** At any rate from some 5 kHz on; below that the filters lose their meaning, and the number with it. */
export const createLoudnessMeter = (rate: number, channels: number): LoudnessMeter => {
  const filters = Array.from({ length: channels }, () => {
    const [first, second] = kWeighting(rate).map(filterOf)
    return (sample: number): number => second!(first!(sample))
  })
  /** energy, summed over channels, of every whole tenth of a second, and of the one that is going on */
  const tenths: number[] = []
  let [energy, frame, edge] = [0, 0, Math.round(rate / 10)]
  return {
    put: (block) => {
      const length = block[0]?.length ?? 0
      for (let i = 0; i < length; i++) {
        for (let channel = 0; channel < channels; channel++) {
          const sample = filters[channel]!(block[channel]![i]!)
          energy += sample * sample
        }
        if (++frame < edge) continue
        tenths.push(energy)
        energy = 0
        edge = Math.round(((tenths.length + 1) * rate) / 10)
      }
    },
    integrated: () => {
      const powers: number[] = []
      for (let i = 0; i + stepsPerBlock <= tenths.length; i++) {
        const sum = tenths.slice(i, i + stepsPerBlock).reduce((a, b) => a + b, 0)
        powers.push(sum / ((stepsPerBlock * rate) / 10))
      }
      const audible = powers.filter((power) => lufsOf(power) > -70)
      if (audible.length === 0) return null
      const gate = lufsOf(meanOf(audible)) - 10
      const loud = audible.filter((power) => lufsOf(power) > gate)
      return lufsOf(meanOf(loud))
    },
  }
}
