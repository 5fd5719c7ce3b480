import { describe, expect } from 'vitest'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { faults, formats, tryFormat } from '../../support/formats.ts'
import { testNeeding } from '../../support/needs.ts'
import { folder, put } from './material.ts'

describe('a click is read where it was written, from the beginning and from a region', () => {
  for (const format of formats)
    testNeeding('ffmpeg')(format.name, async ({ skip }) => {
      const found = await tryFormat(format, folder)
      if ('reason' in found) return skip(found.reason)
      expect(faults(format, found)).toEqual([])
    })
})

/** Six seconds of the lowest mode (3GPP TS 26.101): a frame of 20 ms is a byte that names the mode, and 12 more. */
const amr = Buffer.concat([
  Buffer.from('#!AMR\n'),
  ...Array.from({ length: 300 }, () => Buffer.from([4, ...Array(12).fill(0)])),
])

describe('without an encoder of this ffmpeg', () => {
  testNeeding('ffmpeg')('AMR has its rate and length', async () => {
    const { recording } = await openRecording(put('frames.amr', amr))
    expect(recording).toMatchObject({ rate: 8000, channels: 1, frames: 48_000 })
  })
})
