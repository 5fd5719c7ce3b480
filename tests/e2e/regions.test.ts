import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { edgeAt, timeOf } from '../../src/contract/grid.ts'
import { axe, dialogGone } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { clicksAndBeep, tone } from '../support/sounds.ts'
import {
  boxOf,
  chooseModel,
  downloaded,
  pane,
  plot,
  run,
  settled,
  workbench,
  type Letter,
} from '../support/workbench.ts'

/** Named regions: selected, adjusted, named and kept; snapped; in and out as files of other programs; proposed where something sounds. */

const inChromium = testNeeding('chromium')
const seconds = 6
const clicks = [1, 2.5, 4.2]
const folder = mkdtempSync(join(tmpdir(), 'otoscope-regions-'))
const bench = workbench(() => {
  const files = [join(folder, 'clicks.wav'), join(folder, 'hum.wav')]
  writeFileSync(files[0]!, clicksAndBeep(seconds, clicks, { at: 5.2, hertz: 1000 }))
  // it crosses zero every 10 ms
  writeFileSync(files[1]!, tone(seconds, 50))
  return files
})
afterAll(() => rmSync(folder, { recursive: true }))

const region = async (page: Page, letter: Letter): Promise<[number, number]> => {
  const [start, end] = ['start', 'end'].map((edge) =>
    page.getByRole('spinbutton', { name: `Region ${edge} of column ${letter} in seconds` }).inputValue(),
  )
  return [Number(await start), Number(await end)]
}
const open = async (size = { width: 1440, height: 900 }): Promise<Page> => {
  const page = await bench.open(size)
  await page.mouse.move(400, 5)
  await page.keyboard.press('0')
  await settled(page)
  return page
}
/** drags over the waveform, on which the whole recording is seen; the button stays down where `hold` */
const drag = (page: Page, letter: Letter, from: number, to: number, hold = false): Promise<void> =>
  dragOver(page, plot(page, 'waveform', letter), from, to, hold)
const dragOver = async (page: Page, over: Locator, from: number, to: number, hold = false): Promise<void> => {
  const box = await boxOf(over)
  const [y, x] = [box.y + box.height / 2, (at: number): number => box.x + (at / seconds) * box.width]
  await page.mouse.move(x(from), y)
  await page.mouse.down()
  await page.mouse.move(x(to), y, { steps: 6 })
  if (!hold) await page.mouse.up()
}
const list = (page: Page, letter: Letter): Locator => page.getByTestId(`region-list-${letter}`)
const rows = async (page: Page, letter: Letter): Promise<string[]> =>
  (await list(page, letter).getByRole('option').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))
/** seconds of the marks over a pane, from their pixels */
const marks = async (page: Page, kind: 'waveform' | 'spectrogram', letter: Letter): Promise<[number, number][]> => {
  const area = plot(page, kind, letter)
  const box = await boxOf(area)
  const boxes = await Promise.all((await area.getByTestId('region-mark').all()).map(boxOf))
  const at = (x: number): number => ((x - box.x) / box.width) * seconds
  return boxes.map(({ x, width }) => [at(x), at(x + width)])
}
const near = (found: [number, number], wanted: [number, number], slack = 0.02): void => {
  expect(Math.abs(found[0] - wanted[0]), `${found[0]} is not ${wanted[0]}`).toBeLessThanOrEqual(slack)
  expect(Math.abs(found[1] - wanted[1]), `${found[1]} is not ${wanted[1]}`).toBeLessThanOrEqual(slack)
}

inChromium('a region is selected on the waveform, adjusted by pointer and keys, snapped, named and kept', async () => {
  const page = await open()
  await drag(page, 'A', 1.5, 3)
  near(await region(page, 'A'), [1.5, 3])
  // what began is taken back
  const before = await region(page, 'A')
  await drag(page, 'A', 4, 5, true)
  near(await region(page, 'A'), [4, 5])
  await page.keyboard.press('Escape')
  expect(await region(page, 'A')).toEqual(before)
  await page.mouse.up()
  expect(await region(page, 'A')).toEqual(before)
  // an edge alone
  await drag(page, 'A', 3, 3.5)
  const widened = await region(page, 'A')
  expect(widened[0]).toBe(before[0])
  near(widened, [1.5, 3.5])

  await page.mouse.move(400, 5)
  await page.keyboard.press('Shift+G')
  const name = pane(page, 'regions', 'A').getByTestId('region-name')
  expect(await name.evaluate((element) => element === document.activeElement)).toBe(true)
  await name.fill('<i>wren</i> 🐦')
  await name.press('Enter')
  expect(await rows(page, 'A')).toEqual([expect.stringMatching(/^<i>wren<\/i> 🐦 00:01\.5\d\d 00:03\.\d{3} /)])

  // what another page does is seen at once; an edge that is being dragged stays in the hand, and another selection leaves the chosen one alone
  await drag(page, 'A', 5, 5.5)
  expect(await rows(page, 'A')).toHaveLength(1)
  await page.keyboard.press('Escape')
  await list(page, 'A').getByRole('option').first().click()
  const { id: recording } = (await bench.engine()['recordings.list']({}))[0]!
  const [wren] = await bench.engine()['regions.list']({ recording })
  await drag(page, 'A', widened[1], 4, true)
  const held = await region(page, 'A')
  const owl = { ...wren!, id: 'owl', start: 5, end: 5.5, name: 'owl' }
  await bench.engine()['regions.change']({ recording, put: [owl, { ...wren!, end: 2 }], remove: [] })
  await expect.poll(async () => (await rows(page, 'A')).length).toBe(2)
  expect(await region(page, 'A')).toEqual(held)
  await page.mouse.up()
  await expect.poll(() => bench.engine()['regions.list']({ recording })).toEqual([{ ...wren, end: held[1] }, owl])
  await bench.engine()['regions.change']({ recording, put: [], remove: ['owl'] })
  await expect.poll(async () => (await rows(page, 'A')).length).toBe(1)
  // undone, the edge is where it was
  await page.keyboard.press('Control+z')
  await expect.poll(() => region(page, 'A')).toEqual(widened)
  await expect.poll(() => bench.engine()['regions.list']({ recording })).toEqual([wren])

  // by keys: a millisecond, and ten while no model says what a step is
  const start = pane(page, 'waveform', 'A').getByRole('slider', { name: /^Start of the region/ })
  await start.focus()
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'Shift+ArrowRight']) await page.keyboard.press(key)
  expect((await region(page, 'A'))[0]).toBeCloseTo(widened[0] + 0.011, 6)
  expect((await rows(page, 'A'))[0]).toContain(`0${(widened[0] + 0.011).toFixed(3)}`)
  await page.keyboard.press('Escape')
  expect(await region(page, 'A')).toEqual(widened)

  // typed, as a time
  const end = pane(page, 'regions', 'A').getByTestId('named-end')
  await end.fill('0:04.25')
  await end.press('Enter')
  await expect.poll(() => region(page, 'A')).toEqual([widened[0], 4.25])
  await end.fill('4,5')
  await end.press('Enter')
  await expect.poll(() => pane(page, 'regions', 'A').getByRole('status').innerText()).toBe('write 4.5: with a point')

  // to zero crossings of the other recording
  await pane(page, 'regions', 'B').getByTestId('snap').selectOption('zero')
  await drag(page, 'B', 2.0037, 3.0042, true)
  await expect.poll(() => page.getByTestId('region-moving').innerText()).toBe('00:03.000 · zero crossing')
  await page.mouse.up()
  await expect.poll(() => region(page, 'B')).toEqual([2, 3])
  // on the overview as well: an edge, all of it with its length, and another one beside it
  const overview = page.getByTestId('overview-B')
  const hundredths = async (): Promise<number[]> => (await region(page, 'B')).map((at) => at * 100)
  const dragged: [number, number, number, number][] = [
    [3, 3.604, 200, 360],
    [2.8, 3.803, 300, 460],
    [0.504, 1.303, 50, 130],
  ]
  for (const [from, to, start, end] of dragged) {
    await dragOver(page, overview, from, to)
    await expect.poll(async () => Math.abs((await hundredths())[1]! - end)).toBeLessThanOrEqual(2)
    const found = await hundredths()
    for (const at of found) expect(at).toBeCloseTo(Math.round(at), 6)
    expect(Math.abs(found[0]! - start)).toBeLessThanOrEqual(2)
  }

  // to steps of the model, once it has run
  await chooseModel(page, starters.wav2vec2)
  await run(page)
  await pane(page, 'regions', 'A').getByTestId('snap').selectOption('steps')
  const made = await bench.engine()['runs.find']({
    recording: (await bench.engine()['recordings.list']({}))[0]!.id,
    region: await region(page, 'A'),
    model: starters.wav2vec2,
  })
  const grid = timeOf(made!.grids.encoder)
  await end.fill('#100')
  await end.press('Enter')
  await expect.poll(async () => (await region(page, 'A'))[1]).toBeCloseTo(edgeAt(grid, 100), 3)
  await drag(page, 'A', edgeAt(grid, 100), 3.2)
  const edge = edgeAt(grid, Math.round((3.2 - edgeAt(grid, 0)) / grid.step))
  await expect.poll(async () => Math.abs((await region(page, 'A'))[1] - edge)).toBeLessThan(grid.step + 1e-3)
  const after = await region(page, 'A')
  const steps = (after[1] - edgeAt(grid, 0)) / grid.step
  expect(Math.abs(steps - Math.round(steps))).toBeLessThan(0.05)
  await pane(page, 'waveform', 'A')
    .getByRole('slider', { name: /^End of the region/ })
    .focus()
  await page.keyboard.press('Shift+ArrowRight')
  expect((await region(page, 'A'))[1]).toBeCloseTo(after[1] + grid.step, 3)

  for (const kind of ['waveform', 'spectrogram'] as const)
    near((await marks(page, kind, 'A'))[0]!, await region(page, 'A'))
  expect(await axe(page)).toEqual([])
  const listed = await rows(page, 'A')
  await page.reload()
  await expect.poll(async () => (await rows(page, 'A')).length).toBe(1)
  // without its steps, which the run of another region had
  expect((await rows(page, 'A'))[0]!.split(' ').slice(0, 5)).toEqual(listed[0]!.split(' ').slice(0, 5))
})

const files: Record<string, { name: string; text: string; regions: [number, number][] }> = {
  raven: {
    name: 'clicks.selections.txt',
    text: [
      'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tSpecies\tAnnotation',
      '1\tSpectrogram 1\t1\t0.590000000\t1.210500000\t1200.0\t3400.5\twren\tfirst',
      '2\tSpectrogram 1\t1\t3.000000000\t3.250000000\t0.0\t8000.0\trobin\tsecond',
      '',
    ].join('\n'),
    regions: [
      [0.59, 1.2105],
      [3, 3.25],
    ],
  },
  audacity: {
    name: 'clicks.labels.txt',
    text: '0.500000\t1.250000\ta\n2.000000\t2.500000\tb\n\\\t100.000000\t6334.588867\n',
    regions: [
      [0.5, 1.25],
      [2, 2.5],
    ],
  },
  textgrid: {
    name: 'clicks.TextGrid',
    text: `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 6
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "regions"
        xmin = 0
        xmax = 6
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.125
            text = ""
        intervals [2]:
            xmin = 1.125
            xmax = 2
            text = "said ""wren"""
        intervals [3]:
            xmin = 2
            xmax = 6
            text = ""
`,
    regions: [[1.125, 2]],
  },
  csv: {
    name: 'clicks.csv',
    text: 'start,end,name\r\n0.75,1.5,one\r\n4,5.5,"two, three"\r\n',
    regions: [
      [0.75, 1.5],
      [4, 5.5],
    ],
  },
}

inChromium(
  'files of other programs come in at their seconds and go out as they were; events are proposed',
  async () => {
    const page = await open()
    await page.getByTestId('regions-open-B').click()
    const file = (text: string, name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
    const bring = (text: string, name: string): Promise<void> =>
      page.getByTestId('regions-file-B').setInputFiles(file(text, name))
    const clear = async (): Promise<void> => {
      await list(page, 'B').focus()
      await page.keyboard.press('Control+a')
      await page.keyboard.press('Delete')
      await expect.poll(() => rows(page, 'B')).toEqual([])
    }
    const notice = (text: RegExp): Locator => page.getByTestId('notice').filter({ hasText: text })
    /** deleted by mistake: undone by the notice, done again and undone once more by keys */
    const changeMind = async (): Promise<void> => {
      const before = await rows(page, 'B')
      await clear()
      await notice(new RegExp(`^Deleted ${before.length} regions\\.`))
        .getByRole('button', { name: /^Undo/ })
        .click()
      await expect.poll(() => rows(page, 'B')).toEqual(before)
      await page.keyboard.press('Control+Shift+Z')
      await expect.poll(() => rows(page, 'B')).toEqual([])
      await page.keyboard.press('Control+z')
      await expect.poll(() => rows(page, 'B')).toEqual(before)
      // and the import before it
      await page.keyboard.press('Control+z')
      await expect.poll(() => rows(page, 'B')).toEqual([])
      await notice(/^Imported 2 regions of .*: undone\./).waitFor()
      await page.keyboard.press('Control+y')
      await expect.poll(() => rows(page, 'B')).toEqual(before)
    }
    for (const [format, { name, text, regions }] of Object.entries(files)) {
      await bring(text, name)
      await expect.poll(async () => (await rows(page, 'B')).length, { message: format }).toBe(regions.length)
      for (const kind of ['waveform', 'spectrogram'] as const) {
        const found = await marks(page, kind, 'B')
        for (const [i, wanted] of regions.entries()) near(found[i]!, wanted)
      }
      await page.getByRole('button', { name: 'Files of regions, column B' }).click()
      const saved = await downloaded(page, () => page.getByTestId(`regions-export-${format}-B`).click())
      expect(Buffer.from(saved.bytes).toString(), format).toBe(text)
      expect(saved.name).toBe(name.replace('clicks', 'hum'))
      await page.keyboard.press('Escape')
      if (format === 'raven') await changeMind()
      await clear()
    }
    // what cannot be read is said, the rest is taken
    await bring('start,end,name\n1,2,good\n"1,5",2,comma\n3,2,backwards\n9,10,outside\n', 'mixed.csv')
    await page.getByTestId('import-problems').waitFor()
    expect(await page.getByTestId('import-problems').getByRole('listitem').allInnerTexts()).toEqual([
      'line 3: its start has a decimal comma (1,5); write 1.5',
      'line 4: it ends at 2 s, before it starts at 3 s',
      'outside at 9.000 s is left out: the recording ends at 6.000 s',
    ])
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await dialogGone(page)
    expect(await rows(page, 'B')).toHaveLength(1)
    // a thousand regions: what has room is drawn, and all are listed
    const many = Array.from({ length: 1000 }, (_, i) => `${i * 0.005},${i * 0.005 + 0.004},call ${i}`).join('\n')
    await bring(`start,end,name\n${many}\n`, 'many.csv')
    await expect.poll(() => pane(page, 'regions', 'B').locator('header').innerText()).toContain('1001 named')
    const { width } = await boxOf(plot(page, 'waveform', 'B'))
    expect((await marks(page, 'waveform', 'B')).length).toBeLessThanOrEqual(Math.ceil(width / 3))
    await list(page, 'B').focus()
    await page.keyboard.press('End')
    await expect.poll(() => rows(page, 'B').then((all) => all.at(-1))).toMatch(/^call 999 00:04\.995 00:04\.999/)
    expect(await region(page, 'B')).toEqual([4.995, 4.999])

    // events land on the clicks; one is accepted, the others at once
    await page.getByTestId('propose-A').click()
    await expect.poll(async () => (await rows(page, 'A')).length).toBeGreaterThanOrEqual(4)
    const proposed = await marks(page, 'waveform', 'A')
    for (const at of [...clicks, 5.185])
      expect(
        proposed.some(([start]) => Math.abs(start - at) < 0.02),
        String(at),
      ).toBe(true)
    await list(page, 'A').focus()
    await page.keyboard.press('Home')
    near(await region(page, 'A'), [1, 1.01], 0.011)
    const named = async (): Promise<number> =>
      Number(/(\d+) named/.exec(await pane(page, 'regions', 'A').locator('header').innerText())![1])
    const before = await named()
    const waiting = async (): Promise<number> =>
      Number(/(\d+) proposed/.exec(await pane(page, 'regions', 'A').locator('header').innerText())?.[1] ?? 0)
    const events = await waiting()
    await pane(page, 'regions', 'A').getByTestId('region-accept').click()
    await expect.poll(named).toBe(before + 1)
    // what is taken back is proposed again, whether it was accepted or dismissed
    await page.keyboard.press('ControlOrMeta+z')
    await expect.poll(async () => [await named(), await waiting()]).toEqual([before, events])
    await page.keyboard.press('ControlOrMeta+Shift+z')
    await expect.poll(async () => [await named(), await waiting()]).toEqual([before + 1, events - 1])
    await page.getByRole('button', { name: 'Dismiss all that are proposed' }).click()
    await expect.poll(waiting).toBe(0)
    await page.getByRole('button', { name: /^Undo: Dismissed/ }).click()
    await expect.poll(waiting).toBe(events - 1)
    await page.getByTestId('accept-all-A').click()
    await expect.poll(() => pane(page, 'regions', 'A').locator('header').innerText()).not.toContain('proposed')
    expect(await named()).toBeGreaterThanOrEqual(before + 4)
    const { id } = (await bench.engine()['recordings.list']({}))[0]!
    await expect.poll(async () => (await bench.engine()['regions.list']({ recording: id })).length).toBe(await named())
  },
)
