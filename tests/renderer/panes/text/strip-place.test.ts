import { describe, expect, it } from 'vitest'
import { placeOf } from '../../../../src/renderer/panes/text/strip-place.ts'

const scale = { range: [1, 3] as [number, number], pixels: 200 }
const row = { top: 4, height: 22 }

describe('what lasts a while', () => {
  it('lies over its seconds, a pixel short of the next', () => {
    expect(placeOf(scale, [1.5, 2], row)).toMatchObject({ left: '50px', width: '49px', top: '4px', height: '22px' })
  })
  it('is cut off at the edges, and not seen beyond them', () => {
    expect(placeOf(scale, [0.5, 2], row)).toMatchObject({ left: '0px', width: '99px' })
    expect(placeOf(scale, [2.9, 4], row)).toMatchObject({ width: '10px' })
    for (const away of [
      [0, 0.9],
      [3, 4],
    ] as [number, number][])
      expect(placeOf(scale, away, row)).toMatchObject({ visibility: 'hidden' })
  })
  it('is seen where it lasts no step at all', () => {
    expect(placeOf(scale, [2, 2], row)).toMatchObject({ left: '100px', width: '4px' })
  })
})
