import { describe, expect } from 'vitest'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { decodeRegion } from '../../../src/engine/audio/region-blocks.ts'
import { amrFile, frameSeconds, handMade, tryHandMade, withPauses } from '../../support/amr.ts'
import { testNeeding } from '../../support/needs.ts'
import { convert, folder, put } from './material.ts'

/** AMR, which ffmpeg reads and hardly any writes. */

describe.each(handMade)('$name', (kind) => {
  const { rate, magic, extension } = kind
  const perFrame = rate * frameSeconds
  const level = (samples: Float32Array): number =>
    Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)

  testNeeding('ffmpeg')('has its rate and length, and a stretch is that slice of the whole', async () => {
    expect(await tryHandMade(kind, folder)).toEqual({ rate, channels: 1, longer: 0, regionDiffers: 0 })
  })

  testNeeding('ffmpeg').for(['', '3gp', 'mov'])(
    'speech stays at its time where pauses are not sent %s',
    async (wrapped) => {
      const bare = put(`pauses.${extension}`, amrFile(kind, withPauses(kind, 310)))
      const path = wrapped ? convert(bare, `pauses-${extension}.${wrapped}`, '-c', 'copy') : bare
      const [samples] = await decodeRegion(path, [0, Infinity])
      expect(samples).toHaveLength(310 * perFrame)
      const of = (from: number, to: number): number => level(samples!.subarray(from * perFrame, to * perFrame))
      const loud = of(0, 100)
      expect(loud).toBeGreaterThan(0.01)
      // what the decoder makes of a pause may fade
      expect([of(110, 150) < 0.1 * loud, of(260, 300) < 0.1 * loud]).toEqual([true, true])
      expect([of(150, 250) > 0.5 * loud, of(300, 310) > 0.1 * loud]).toEqual([true, true])
    },
  )

  testNeeding('ffmpeg')('of a frame that is cut off nothing is left, and all before it is', async () => {
    const bytes = amrFile(kind, Array(60).fill(4))
    const cut = put(`cut.${extension}`, bytes.subarray(0, -10))
    const { recording } = await openRecording(cut)
    expect(recording).toMatchObject({ rate, channels: 1, frames: 59 * perFrame })
  })

  testNeeding('ffmpeg')('rubbish behind its magic is one sentence', async () => {
    // of modes that there are none of
    const rubbish = Buffer.from(Array.from({ length: 4000 }, (_, i) => ((10 + ((i * i) % 4)) << 3) | (i % 8)))
    const path = put(`rubbish.${extension}`, Buffer.concat([Buffer.from(magic), rubbish]))
    const said = await openRecording(path).then(
      ({ recording }) => recording.warnings.join('; '),
      (error: unknown) => (error as Error).message,
    )
    // of AMR-WB these are frames that were lost
    expect(said).toMatch(
      /^(rubbish\.\w+ (has no sound in it \(0 s\)|cannot be decoded as audio; it may be damaged)|silence: every sample is zero)$/,
    )
  })
})
