import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { secondsAt } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { boxOf, chooseModel, finished, pane, pixelsOf, run, settled, workbench } from '../support/workbench.ts'

/** Baselines beside maps: what is drawn is held against the engine's numbers of the baseline's own run. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const beside = async (page: Page): Promise<void> => {
  await page.keyboard.press('Shift+Z')
  await settled(page)
}
const runOf = async (page: Page, model: string, options: Partial<Run['options']>): Promise<Run> => {
  const name = await page.getByTestId('column-A').getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  const found = await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model, options })
  expect(found, JSON.stringify(options)).not.toBeNull()
  return found!
}

inChromium(
  'silence, shuffled audio and the untrained twin stand beside the maps, in the panes’ own height',
  async () => {
    const page = await bench.open()
    await chooseModel(page, starters.ast)
    await run(page)
    const hidden = pane(page, 'hidden', 'A')
    const heights = async () => [(await boxOf(hidden)).height, (await boxOf(pane(page, 'attention', 'A'))).height]
    const before = await heights()
    const recordings = (await bench.engine()['recordings.list']({})).length

    await beside(page)
    const prompt = hidden.getByTestId('beside-prompt-A')
    await prompt.getByText(/about|s of|MB/).waitFor()
    await prompt.getByRole('button', { name: 'Run silence' }).click()
    await finished(page)
    expect(await hidden.innerText()).toContain('digital silence as long as the clip')
    expect(await heights()).toEqual(before)

    // what is drawn is silence's hidden state: red where it is clearly positive, blue where negative
    const silent = await runOf(page, starters.ast, { baseline: 'silence' })
    expect(silent.warnings).toContain('a baseline: digital silence as long as the clip')
    const drawn = await pixelsOf(hidden.getByTestId('beside-hidden-A'))
    const { raster, grid } = await bench.engine()['runs.hidden']({
      run: silent.id,
      tap: `encoder.hidden.${silent.encoder.layers}`,
      steps: { unit: 'all' },
      dimensions: [0, 128],
      width: 1000,
      height: drawn.height,
      pool: 'mean',
    })
    const most = raster.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    let [clear, agreeing] = [0, 0]
    for (let step = 1; secondsAt(grid!, step) < 4.5; step++)
      for (let row = 0; row < raster.rows; row++) {
        const value = raster.data[row * raster.columns + step]!
        if (Math.abs(value) < most / 4) continue
        const x = Math.round((secondsAt(grid!, step) / 5) * drawn.width)
        const [red, , blue] = drawn.at(x, Math.floor(((raster.rows - row - 0.5) / raster.rows) * drawn.height))
        clear++
        if (Math.sign(red - blue) === Math.sign(value)) agreeing++
      }
    expect(clear).toBeGreaterThan(20)
    expect(agreeing / clear).toBeGreaterThan(0.95)

    const map = page.getByTestId('attention-baseline-A')
    expect(await map.getAttribute('aria-label')).toContain('Baseline, digital silence as long as the clip')
    expect(await axe(page)).toEqual([])

    // the twin's attention is drawn: the brightest pixel lies where its own map has the greatest weight
    await beside(page)
    await beside(page)
    await page.getByTestId('beside-attention-A').getByRole('button', { name: 'Run untrained model' }).click()
    await finished(page)
    expect(await page.getByTestId('beside-attention-A').innerText()).toContain('untrained twin: weights shuffled')
    const twin = await runOf(page, starters.ast, { baseline: 'untrained' })
    const plain = await runOf(page, starters.ast, {})
    expect(twin.id).not.toBe(plain.id)
    const side = Math.round((await boxOf(map)).width)
    const valid = 'time' in twin.grids.encoder ? twin.grids.encoder.time.valid : 0
    const steps = { unit: 'step' as const, range: [0, valid] as [number, number] }
    const query = {
      tap: 'encoder.attention.4',
      heads: 'mean' as const,
      queries: steps,
      keys: steps,
      width: side,
      height: side,
    }
    const { maps } = await bench.engine()['runs.attention']({ run: twin.id, ...query })
    const { data, rows, columns } = maps[0]!.raster
    const pixels = await pixelsOf(map)
    const brightness = (i: number): number => {
      const [row, column] = [Math.floor(i / columns), i % columns]
      const [x, y] = [((column + 0.5) / columns) * pixels.width, ((row + 0.5) / rows) * pixels.height]
      return pixels.at(Math.floor(x), Math.floor(y))[1]
    }
    const order = Array.from(data, (_, i) => i).sort((a, b) => data[a]! - data[b]!)
    const mean = (list: number[]): number => list.reduce((sum, i) => sum + brightness(i), 0) / list.length
    const share = Math.floor(order.length / 10)
    expect(mean(order.slice(-share))).toBeGreaterThan(mean(order.slice(0, share)))

    // the layers, and the way through a layer's plane, beside the twin's
    const view = hidden.getByTestId('hidden-view')
    await view.selectOption('similarity')
    await hidden.getByTestId('similarity-with').selectOption('baseline')
    await settled(page)
    const between = await bench.engine()['runs.layerSimilarity']({
      run: plain.id,
      with: twin.id,
      side: 'encoder',
      measure: 'cka',
    })
    expect(await hidden.getByRole('gridcell').allInnerTexts()).toEqual(Array.from(between.values, (n) => n.toFixed(2)))
    await view.selectOption('trajectory')
    await settled(page)
    expect(await hidden.getByTestId('trajectory-with').inputValue()).toBe('baseline')
    expect(await hidden.innerText()).toContain('untrained model’s states in the same plane')
    await view.selectOption('map')

    // none of it is a recording, and nothing stays when nothing is asked for
    expect((await bench.engine()['recordings.list']({})).length).toBe(recordings)
    await beside(page)
    expect(await map.count()).toBe(0)
    expect(await heights()).toEqual(before)
  },
)

inChromium('across, the baseline has the run’s own tokens; a run of it can be cancelled', async () => {
  const page = await bench.open({ width: 1280, height: 720 })
  await chooseModel(page, starters.whisper)
  await run(page)
  await page.getByTestId('attention-kind').first().selectOption('cross')
  await beside(page)
  await beside(page)
  const { processes } = await bench.engine()['system.card']({})
  // the process that runs jobs stands still, so that there is something to cancel
  process.kill(processes.jobs!, 'SIGSTOP')
  const prompt = pane(page, 'hidden', 'A').getByTestId('beside-prompt-A')
  try {
    await prompt.getByRole('button', { name: 'Run shuffled audio' }).click()
    await prompt.getByRole('button', { name: 'Cancel' }).click()
  } finally {
    process.kill(processes.jobs!, 'SIGCONT')
  }
  await prompt.getByRole('button', { name: 'Run shuffled audio' }).click()
  await finished(page)
  const plain = await runOf(page, starters.whisper, {})
  const tokens = plain.result.tokens!.map(({ id }) => id)
  const shuffled = await runOf(page, starters.whisper, { tokens, baseline: 'shuffled' })
  expect(shuffled.result.tokens!.map(({ id }) => id)).toEqual(tokens)
  expect(await page.getByTestId('column-A').innerText()).toContain('blocks of 20 ms')
})
