import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openModel } from '../../../src/engine/models/open.ts'
import { writeSkeleton } from '../../../src/engine/models/skeleton-file.ts'
import { testNeeding } from '../../support/needs.ts'
import { temporary } from './make-folder.ts'

const reference = (name: string) => openModel(join(process.env['OTOSCOPE_REFERENCE'] ?? '', name))
const millions = (count: number) => (count / 1e6).toFixed(1)

testNeeding('reference')('full-size models have the parameters their papers and the notebook count', () => {
  const wav2vec2 = reference('wav2vec2').inspection.parameters
  expect([millions(wav2vec2.total), wav2vec2.head]).toEqual(['94.4', 24608])
  const whisper = reference('whisper').inspection.parameters
  expect([millions(whisper.total), whisper.head]).toEqual(['37.8', 0])
  expect(millions(reference('ast').inspection.parameters.encoder)).toBe('86.2')
})

testNeeding('reference')('a skeleton of hundreds of megabytes is a few hundred kilobytes', () => {
  const folder = temporary()
  try {
    for (const name of ['wav2vec2', 'ast']) {
      const { encoder } = reference(name)
      expect(statSync(encoder.path).size).toBeGreaterThan(3e8)
      expect(statSync(writeSkeleton(encoder, folder, encoder.hidden)).size).toBeLessThan(4e5)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
