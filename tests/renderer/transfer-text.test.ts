import { describe, expect, it } from 'vitest'
import type { PullProgress } from '../../src/contract/hub.ts'
import { durationText, partText, pullShare, pullText } from '../../src/renderer/transfer-text.ts'

const going: PullProgress = {
  stage: 'download',
  file: 'onnx/encoder_model.onnx',
  bytes: 41_200_000,
  total: 144_000_000,
  bytesPerSecond: 3_200_000,
  secondsLeft: 32.1,
  message: '',
}

describe('how far a download is', () => {
  it('is said in the unit of the whole', () => {
    expect(partText(41_200_000, 144_000_000)).toBe('41 of 144 MB')
    expect(partText(900_000, 1_800_000)).toBe('0.9 of 1.8 MB')
    expect(partText(0, 3_100_000_000)).toBe('0.0 of 3.1 GB')
    expect(partText(512, 512)).toBe('512 of 512 B')
    expect(partText(144_400_000, 144_400_000)).toBe('144 of 144 MB')
    expect(partText(41_200_000, null)).toBe('41 MB')
  })
  it('names rate and time left once they are known', () => {
    expect(pullText(going)).toBe('41 of 144 MB · 3.2 MB/s · 32 s left')
    expect(pullText({ ...going, bytesPerSecond: null, secondsLeft: null })).toBe('41 of 144 MB')
    expect(pullText({ ...going, stage: 'look', total: 0 })).toBe('asking which files there are')
  })
  it('says what is waited for and what is checked', () => {
    const wait = { ...going, stage: 'wait' as const, message: 'the hub answered 503; trying again in 4 s' }
    expect(pullText(wait)).toBe('the hub answered 503; trying again in 4 s · 41 of 144 MB')
    expect(pullText({ ...going, stage: 'verify' })).toBe(
      '41 of 144 MB · checking onnx/encoder_model.onnx by its SHA-256',
    )
  })
  it('has no share before the whole is known, and never more than all', () => {
    expect(pullShare({ bytes: 0, total: 0 })).toBe(null)
    expect(pullShare({ bytes: 72, total: 144 })).toBe(0.5)
    expect(pullShare({ bytes: 145, total: 144 })).toBe(1)
  })
  it('gives time left in the unit a person waits in', () => {
    expect(durationText(0.2)).toBe('1 s')
    expect(durationText(89.4)).toBe('89 s')
    expect(durationText(240)).toBe('4 min')
    expect(durationText(4320)).toBe('1 h 12 min')
  })
})
