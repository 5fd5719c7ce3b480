import { describe, expect } from 'vitest'
import { faults, formats, tryFormat } from '../../support/formats.ts'
import { testNeeding } from '../../support/needs.ts'
import { folder } from './material.ts'

describe('a click is read where it was written, from the beginning and from a region', () => {
  for (const format of formats)
    testNeeding('ffmpeg')(format.name, async ({ skip }) => {
      const found = await tryFormat(format, folder)
      if ('reason' in found) return skip(found.reason)
      expect(faults(format, found)).toEqual([])
    })
})
