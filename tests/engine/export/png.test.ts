import { Resvg } from '@resvg/resvg-js'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { describePng, encodePng } from '../../../src/engine/export/png.ts'

const pixels = Uint8ClampedArray.from([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 0])

test('another reader sees the pixels that were written', () => {
  const uri = `data:image/png;base64,${encodePng(pixels, 2, 2).toString('base64')}`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><image href="${uri}" width="2" height="2"/></svg>`
  expect([...new Resvg(svg).render().pixels].slice(0, 12)).toEqual([...pixels].slice(0, 12))
})
test('every row begins with filter 0', () => {
  const png = encodePng(pixels, 2, 2)
  const at = png.indexOf('IDAT')
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
  expect([rows.length, rows[0], rows[9]]).toEqual([18, 0, 0])
})
test('described text is kept as UTF-8 between header and pixels', () => {
  const png = describePng(encodePng(pixels, 2, 2), 192, { Title: 'שלום' })
  expect(png.includes(Buffer.from('שלום', 'utf8'))).toBe(true)
  expect(png.indexOf('IHDR')).toBeLessThan(png.indexOf('iTXt'))
  expect(png.indexOf('iTXt')).toBeLessThan(png.indexOf('IDAT'))
})
