import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { edgeAt, secondsAt, timeOf } from '../../src/contract/grid.ts'
import type { AttentionPatches, PatchesQuery } from '../../src/contract/patches.ts'
import type { Run } from '../../src/contract/run.ts'
import { paint } from '../../src/figures/paint.ts'
import { weightScale } from '../../src/renderer/panes/scale.ts'
import { layPatches } from '../../src/signal/patches.ts'
import { axe } from '../support/browser.ts'
import { goldenModel, starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { boxOf, chooseModel, pane, pixelsOf, plot, run, settled, workbench, type Pixels } from '../support/workbench.ts'

/** Attention of one token over the spectrogram: every patch's colour is held against the engine's numbers, at its second and its frequency. */

const inChromium = testNeeding('chromium')
const data = mkdtempSync(join(tmpdir(), 'otoscope-patches-'))
// one whose patches overlap, and a plain vision transformer
for (const model of ['ast-sdpa-17', 'vit-sdpa-14'])
  cpSync(goldenModel(model), join(data, 'models', model), { recursive: true })
const bench = workbench(
  () => [],
  () => ({ OTOSCOPE_DATA: data }),
)
afterAll(() => rmSync(data, { recursive: true }))

const stored = async (page: Page, model: string, region: [number, number]): Promise<Run> => {
  const name = await page.getByTestId('column-A').getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region, model }))!
}
const weightsOf = ({ id, encoder }: Run, query: PatchesQuery): Promise<AttentionPatches> => {
  const tap = `encoder.attention.${encoder.layers - 1}`
  return bench.engine()['runs.attentionPatches']({ run: id, tap, heads: 'mean', query })
}
const said = (page: Page): Promise<string> => pane(page, 'spectrogram', 'A').getByTestId('patches-said').innerText()
const header = (page: Page): Promise<string> => pane(page, 'spectrogram', 'A').locator('header').innerText()

/** what a colour adds to grey: the spectrogram under it falls out */
const tint = ([red, green, blue]: number[]): [number, number] => [red! - green!, green! - blue!]
const wantedTint = (weights: AttentionPatches): ((value: number) => [number, number]) => {
  const { bands, time } = weights.grid
  const heard = [...weights.values].filter((_, i) => i % time.count < time.valid && i < bands * time.count)
  const colour = weightScale([Math.min(...heard), Math.max(...heard)], 'log', 'overlay')
  return (value) => {
    const source = { rows: [0, 1] as [number, number], columns: [0, 1] as [number, number] }
    const raster = { rows: 1, columns: 1, data: Float32Array.of(value), source, low: 0, high: 1 }
    const [red = 0, green = 0, blue = 0, alpha = 0] = paint(raster, colour)
    return tint([red, green, blue].map((channel) => (channel * alpha) / 255))
  }
}
const laidOut = (weights: AttentionPatches): Float32Array => {
  const { grid, bins, frames, hertz, features, values } = weights
  const layout = { bands: grid.bands, columns: grid.time.count, shown: grid.time.valid, bins, frames }
  return layPatches(values, layout, { bins: hertz.length, frames: features.count })
}
/** Compares `bins` in every third frame, bare ones with grey; `heightOf` says where a bin is, as a share from the bottom. */
const misdrawn = (
  picture: Pixels,
  weights: AttentionPatches,
  bins: number[],
  heightOf: (bin: number) => number,
): { wrong: string[]; checked: number } => {
  const [laid, wanted, wrong] = [laidOut(weights), wantedTint(weights), [] as string[]]
  let checked = 0
  const { features } = weights
  for (const bin of bins)
    for (let frame = 0; frame < features.count; frame += 3) {
      const x = Math.floor((secondsAt(features, frame) / 5) * picture.width)
      const y = Math.floor(picture.height * (1 - heightOf(bin)))
      const value = laid[bin * features.count + frame]!
      // a pixel at an edge may show either side of it
      const around = [-1, 0, 1].flatMap((up) => [-1, 0, 1].map((on) => laid[(bin + up) * features.count + frame + on]))
      // the last patch on audio reaches into the padding, which is veiled
      const veiled = frame >= features.valid - 1 && !Number.isNaN(value)
      if (x < 0 || x >= picture.width || veiled || around.some((other) => !Object.is(other, value))) continue
      checked++
      const [is, be] = [tint(picture.at(x, y)), Number.isNaN(value) ? [0, 0] : wanted(value)]
      if (is.some((channel, i) => Math.abs(channel - be[i]!) > 4)) wrong.push(`${bin}, ${frame}: ${is} for ${be}`)
    }
  return { wrong: wrong.slice(0, 5), checked }
}
const every = (step: number, end: number): number[] => Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step)
const isMint = ([red, green, blue]: number[]): boolean =>
  Math.abs(red! - 127) < 14 && Math.abs(green! - 240) < 14 && Math.abs(blue! - 196) < 14
/** the outline of the chosen patch, in pixels */
const outlined = (picture: Pixels): { left: number; right: number; top: number; bottom: number } | null => {
  const found: [number, number][] = []
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) if (isMint(picture.at(x, y))) found.push([x, y])
  if (found.length === 0) return null
  const [xs, ys] = [found.map(([x]) => x), found.map(([, y]) => y)]
  return { left: Math.min(...xs), right: Math.max(...xs) + 1, top: Math.min(...ys), bottom: Math.max(...ys) + 1 }
}
const percent = (share: number): string => (share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`)
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

inChromium(
  'attention lies on the spectrogram where its patches do, in hertz and in mel bins; a press and keys choose a patch',
  async () => {
    const page = await bench.open()
    await chooseModel(page, starters.ast)
    await run(page)
    await page.getByTestId('lock-ranges').click()
    await page.getByTestId('patches').first().click()
    await settled(page)
    const area = plot(page, 'spectrogram', 'A')
    const found = await stored(page, starters.ast, [0, 5])
    const fromClass = await weightsOf(found, { token: 0 })
    expect(await header(page)).toContain(
      'encoder.attention.4 · head mean · 8 × 64 patches · padding left out · over STFT',
    )
    expect(await said(page)).toBe(
      `from the class token · not an explanation · ${percent(sum(fromClass.special))} on special tokens, ${percent(fromClass.padding)} on padding`,
    )
    expect(await axe(page)).toEqual([])

    // over the STFT a bin lies where its frequency is: the upper bands are high enough to be told apart there
    const recordings = await bench.engine()['recordings.list']({})
    const { rate } = recordings.find(({ id }) => id === found.recording.id)!
    const onStft = (bin: number): number => (fromClass.hertz[bin]! / (rate / 1024) + 0.5) / 513
    const over = misdrawn(await pixelsOf(area), fromClass, [72, 88, 104, 120], onStft)
    expect(over.wrong).toEqual([])
    expect(over.checked).toBeGreaterThan(200)

    await page.getByTestId('moment').hover()
    await page.keyboard.press('s')
    await settled(page)
    const onMel = (bin: number): number => (bin + 0.5) / 128
    const features = await pixelsOf(area)
    const drawn = misdrawn(features, fromClass, every(5, 128), onMel)
    expect(drawn.wrong).toEqual([])
    expect(drawn.checked).toBeGreaterThan(1000)
    expect(outlined(features)).toBeNull()

    // the middle of band 5, column 12
    const { time } = fromClass.grid
    const box = await boxOf(area)
    await page.mouse.click(box.x + (secondsAt(time, 12) / 5) * box.width, box.y + box.height * (1 - onMel(5 * 16 + 8)))
    await page.getByTestId('moment').hover()
    await expect.poll(() => said(page)).toMatch(new RegExp(`^from the patch at ${secondsAt(time, 12).toFixed(2)} s, `))
    await settled(page)
    expect(await pane(page, 'spectrogram', 'A').getByTestId('patches-from').inputValue()).toBe('patch')
    const fromPatch = await weightsOf(found, { band: 5, column: 12 })
    const picture = await pixelsOf(area)
    const framed = outlined(picture)!
    const xOf = (frame: number): number => (edgeAt(fromClass.features, frame) / 5) * picture.width
    for (const [is, be] of [
      [framed.left, xOf(12 * 16)],
      [framed.right, xOf(13 * 16)],
      [framed.top, picture.height * (1 - 96 / 128)],
      [framed.bottom, picture.height * (1 - 80 / 128)],
    ] as const)
      expect(Math.abs(is - be)).toBeLessThanOrEqual(1.5)
    // the outline and the line of the moment cover some of it
    const away = every(5, 128).filter((bin) => bin < 75 || bin > 100)
    const mostly = misdrawn(picture, fromPatch, away, onMel)
    expect(mostly.wrong).toEqual([])

    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => said(page)).toMatch(new RegExp(`^from the patch at ${secondsAt(time, 13).toFixed(2)} s, `))
    await settled(page)
    const moved = outlined(await pixelsOf(area))!
    expect(Math.abs(moved.left - xOf(13 * 16))).toBeLessThanOrEqual(1.5)
    expect(Math.abs(moved.bottom - framed.top)).toBeLessThanOrEqual(1.5)
    // the other column looks from its own patch there
    expect(await pane(page, 'spectrogram', 'B').getByTestId('patches-said').innerText()).toContain(
      (await said(page)).split(' · ')[0]!,
    )

    await page.getByTestId('patches-from').first().selectOption('1')
    await expect.poll(() => said(page)).toMatch(/^from the distillation token · /)
    await page.getByTestId('patches').first().click()
    await settled(page)
    expect(await page.getByTestId('patches-said').count()).toBe(0)
    await chooseModel(page, starters.wav2vec2)
    await run(page)
    expect(await page.getByTestId('patches').count()).toBe(0)
  },
)

inChromium('patches that overlap, and a vision transformer’s, over a region that begins later', async () => {
  const page = await bench.open({ colorScheme: 'light' })
  for (const letter of ['A', 'B'])
    for (const [edge, value] of [
      ['start', '1.5'],
      ['end', '2.5'],
    ] as const) {
      const field = page.getByRole('spinbutton', { name: `Region ${edge} of column ${letter} in seconds` })
      await field.fill(value)
      await field.press('Enter')
    }
  await page.getByTestId('lock-ranges').click()
  await page.getByTestId('moment').click()
  await page.keyboard.press('s')
  for (const [model, patches] of [
    ['ast-sdpa-17', '5 × 25 patches'],
    ['vit-sdpa-14', '4 × 8 patches'],
  ] as const) {
    await chooseModel(page, model)
    await run(page)
    const button = page.getByTestId('patches').first()
    if ((await button.getAttribute('aria-pressed')) === 'false') await button.click()
    await settled(page)
    expect(await header(page)).toContain(`encoder.attention.1 · head mean · ${patches} · padding left out`)
    expect(await said(page)).toContain('from the class token · ')
    const found = await stored(page, model, [1.5, 2.5])
    expect(timeOf(found.grids.encoder).start).toBeCloseTo(1.5875, 6)
    const weights = await weightsOf(found, { token: 0 })
    const { wrong, checked } = misdrawn(
      await pixelsOf(plot(page, 'spectrogram', 'A')),
      weights,
      every(3, 64),
      (bin) => (bin + 0.5) / 64,
    )
    expect(wrong, model).toEqual([])
    expect(checked).toBeGreaterThan(200)
  }
  expect(await axe(page)).toEqual([])
})
