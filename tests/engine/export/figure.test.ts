import { Resvg } from '@resvg/resvg-js'
import { expect, test } from 'vitest'
import { figureSvg, renderFigure } from '../../../src/engine/export/figure.ts'
import type { Figure, Heatmap } from '../../../src/figures/figure.ts'
import { colourTable } from '../../../src/figures/colour-maps.ts'
import { rasterOf } from '../../figures/synthetic.ts'

/** Four corners of different values, drawn into a plot that is far from their own shape. */
const colour: Heatmap['colour'] = { map: 'viridis', low: 0, high: 3, scale: 'linear', unit: 'weight' }
const corners: Figure = {
  name: 'corners',
  title: 'Four corners',
  columns: 1,
  panels: [
    {
      title: 'a wide plot',
      x: { title: 'Time in the recording (s)', range: [0, 5] },
      y: { title: 'Dimension', range: [0, 2], inverse: true },
      layers: [
        { kind: 'heatmap', raster: rasterOf(2, 2, (row, column) => 2 * row + column), x: [0, 5], y: [0, 2], colour },
      ],
    },
  ],
  notes: ['A note.'],
  panelSize: { width: 400, height: 100 },
}
const withTitle = (title: string): Figure => ({ ...corners, title })

const pixelsOf = (svg: string) => {
  const image = new Resvg(svg, { font: { loadSystemFonts: false } }).render()
  return (x: number, y: number): number[] => [
    ...image.pixels.subarray(4 * (y * image.width + x), 4 * (y * image.width + x) + 4),
  ]
}
const plotOf = (svg: string) => {
  const [, x, y, width, height] = /<path d="M([\d.]+) ([\d.]+)l([\d.]+) 0l0 ([\d.]+)/.exec(svg)!.map(Number) as number[]
  return { left: x!, top: y!, right: x! + width!, bottom: y! + height! }
}

test('a map fills its plot to all four corners, cell colours unmixed', () => {
  const svg = figureSvg(corners)
  const { left, top, right, bottom } = plotOf(svg)
  expect([right - left, bottom - top]).toEqual([400, 100])
  const pixel = pixelsOf(svg)
  const cell = (value: number): number[] => [...colourTable('viridis').subarray(4 * 85 * value, 4 * 85 * value + 4)]
  expect(pixel(left + 2, top + 2)).toEqual(cell(0))
  expect(pixel(right - 3, top + 2)).toEqual(cell(1))
  expect(pixel(left + 2, bottom - 3)).toEqual(cell(2))
  expect(pixel(right - 3, bottom - 3)).toEqual(cell(3))
  expect(pixel(left + 198, top + 48)).toEqual(cell(0))
  expect(pixel(left + 202, top + 52)).toEqual(cell(3))
})

test('SVG text is text, with a title that begins with Time', () => {
  const svg = figureSvg(corners)
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((match) => match[1])
  expect(texts).toContain('Four corners')
  expect(texts).toContain('Time in the recording (s)')
  expect(texts).toContain('A note.')
})

test('the same figure gives the same bytes, whatever was drawn before', async () => {
  for (const format of ['svg', 'png', 'pdf'] as const)
    expect(Buffer.from(await renderFigure(corners, format)).equals(await renderFigure(corners, format))).toBe(true)
})

test('text from files and models cannot become markup', () => {
  const svg = figureSvg(withTitle('<script>alert(1)</script> "quoted" & \'single\'\nשלום {a|b} \u0000'))
  expect(svg).not.toContain('<script')
  expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp;')
  expect(svg).toContain('↵שלום {a|b} \ufffd')
  expect(svg).not.toContain('\u0000')
})

test('ids carry the figure’s name, so that several stand in one page', () => {
  const ids = [...figureSvg(corners).matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!)
  expect(ids.length).toBeGreaterThan(0)
  expect(ids.every((id) => id.startsWith('corners-'))).toBe(true)
})

test('PNG says its resolution and what it shows, and its text is drawn', async () => {
  const png = Buffer.from(await renderFigure(corners, 'png'))
  const at = png.indexOf('pHYs')
  expect([png.readUInt32BE(at + 4), png.readUInt32BE(at + 8), png[at + 12]]).toEqual([7559, 7559, 1])
  expect(png.includes('Four corners')).toBe(true)
  const width = png.readUInt32BE(16)
  const uri = `data:image/png;base64,${png.toString('base64')}`
  const picture = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="80"><image href="${uri}" width="${width}"/></svg>`,
  ).render()
  const dark = [...picture.pixels].filter((value, i) => i % 4 === 0 && value < 80).length
  expect(dark).toBeGreaterThan(200)
})

test('letters that the font lacks are drawn as boxes, not left out', async () => {
  const [boxes, blank] = await Promise.all([
    renderFigure(withTitle('名'), 'png'),
    renderFigure(withTitle('   '), 'png'),
  ])
  expect(Buffer.from(boxes).equals(blank)).toBe(false)
})

test('PDF begins as one, with its fonts and its map embedded', async () => {
  const pdf = Buffer.from(await renderFigure(corners, 'pdf'))
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  const text = pdf.toString('latin1')
  expect(text.match(/\/FontFile2/g)?.length).toBe(2)
  expect(text).toMatch(/\/Subtype \/Image/)
  expect(text.trimEnd().endsWith('%%EOF')).toBe(true)
})
