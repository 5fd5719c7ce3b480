import { execFileSync } from 'node:child_process'
import { describe, expect } from 'vitest'
import { testNeeding } from '../support/needs.ts'

describe('reference models', () => {
  testNeeding('reference')(
    'agree with their goldens on every array, shape and parameter count',
    () => {
      const words = ['tools/check-reference.ts', process.env['OTOSCOPE_REFERENCE'] ?? '']
      const table = execFileSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 26 })
      expect(table).toContain('ok')
      expect(table).not.toContain('TOO FAR')
    },
    600_000,
  )
})
