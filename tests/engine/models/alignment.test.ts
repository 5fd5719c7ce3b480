import { describe, expect, it } from 'vitest'
import { readAlignment } from '../../../src/engine/models/alignment.ts'

const stack = { layers: 3, heads: 4, width: 192 }

describe('alignment heads', () => {
  it('are read from generation_config.json, and which rows tell the time from otoscope.json', () => {
    const pairs = [
      [1, 0],
      [2, 3],
    ]
    expect(readAlignment({ alignment_heads: pairs }, {}, stack)).toEqual({ heads: pairs, rows: 'written' })
    expect(readAlignment({ alignment_heads: pairs }, { alignment_rows: 'read' }, stack)?.rows).toBe('read')
  })
  it.each([undefined, null, [], 'all', [[1]], [[1, 0, 0]], [[3, 0]], [[0, 4]], [[-1, 0]], [[0.5, 0]], [['1', 0]]])(
    'are none where there are none that the decoder has: %j',
    (named) => expect(readAlignment({ alignment_heads: named }, {}, stack)).toBeNull(),
  )
  it('are none without a generation_config.json', () => expect(readAlignment(null, {}, stack)).toBeNull())
})
