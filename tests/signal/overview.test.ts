import { expect, test } from 'vitest'
import { bucketOf, startOverview, type Overview } from '../../src/signal/overview.ts'

const ramp = Float32Array.from({ length: 10 }, (_, n) => n / 10 - 0.5)
/** the same each time */
const noise = (count: number, seed = 1): Float32Array => {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}
const overviewOf = (block: Float32Array[], finest?: number, most?: number, step = 7): Overview => {
  const builder = startOverview(finest, most)
  for (let at = 0; at < block[0]!.length; at += step)
    builder.push(block.map((samples) => samples.subarray(at, at + step)))
  return builder.finish()
}

test('an overview has the least, the greatest and the root mean square of every bucket', () => {
  const { min, max, rms, framesPerBucket } = overviewOf([ramp], 4, 8, 3)
  expect(framesPerBucket).toBe(4)
  expect([...min]).toEqual([ramp[0], ramp[4], ramp[8]])
  expect([...max]).toEqual([ramp[3], ramp[7], ramp[9]])
  expect(rms[2]).toBeCloseTo(Math.sqrt((0.3 ** 2 + 0.4 ** 2) / 2), 6)
})

test('where there would be more buckets than wanted, each holds twice as many frames', () => {
  const sound = [noise(1000), noise(1000, 2)]
  for (const length of [31, 32, 33, 63, 64, 65, 500, 1000]) {
    const part = sound.map((samples) => samples.subarray(0, length))
    const grown = overviewOf(part, 2, 16)
    const bucket = bucketOf(length, 2, 16)
    expect(grown.framesPerBucket).toBe(bucket)
    expect(grown.min.length).toBe(Math.ceil(length / bucket))
    expect(grown.min.length).toBeLessThanOrEqual(16)
    // as if the length had been known
    const known = overviewOf(part, bucket, 1024)
    expect({ ...grown, rms: null }).toEqual({ ...known, rms: null })
    grown.rms.forEach((value, i) => expect(value).toBeCloseTo(known.rms[i]!, 6))
  }
})

test('a print changes with any sample, and with any shift of the sound', () => {
  const click = new Float32Array(64)
  click[20] = 1
  const { prints } = overviewOf([click], 64)
  const shifted = new Float32Array(64)
  shifted[21] = 1
  expect(overviewOf([shifted], 64).prints).not.toEqual(prints)
  click[20] = Math.fround(0.9999999)
  expect(overviewOf([click], 64).prints).not.toEqual(prints)
})

test('a sample that is no number is noticed in the block that has it', () => {
  const builder = startOverview(4)
  builder.push([ramp])
  expect(builder.finite()).toBe(true)
  builder.push([Float32Array.from([0, Number.NaN])])
  expect(builder.finite()).toBe(false)
})

test('nothing is an overview of no buckets, silence one of zeros', () => {
  expect(startOverview().finish().min).toHaveLength(0)
  const { min, max, rms, prints } = overviewOf([new Float32Array(300)])
  for (const part of [min, max, rms, prints]) expect([...part]).toEqual([0, 0])
})
