import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { unpackVariants } from '../golden/variants.ts'
import { axe, dialogGone } from '../support/browser.ts'
import { enter, filesIn, hubBench, openMachine, openModels, shut } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, finished, pane, settled } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** Weights of several kinds of one model: downloaded, chosen, and offered where memory is short. */

const inChromium = testNeeding('chromium')
const bench = hubBench()

inChromium(
  'a run that would not fit says so before it starts, and offers smaller weights to get and to use',
  async () => {
    const repo = 'somebody/weights'
    const parent = mkdtempSync(join(tmpdir(), 'otoscope-variants-'))
    const files = filesIn(unpackVariants('wav2vec2-bmm-14', parent))
    const wanted = Object.entries(files).filter(([name]) => !/_(?!quantized)\w+\.onnx$/.test(name))
    bench.hub().commit(repo, { files: Object.fromEntries(wanted) })

    const page = await bench.open()
    const { details, askOther } = await openModels(page)
    await askOther(repo)
    await expect.poll(() => details.getByRole('radio').count()).toBe(2)
    await details.getByRole('radio', { name: 'fp32' }).check()
    await details.getByTestId('download-start').click()
    await details.getByTestId('use').click()
    await dialogGone(page)
    await settled(page)
    const note = pane(page, 'hidden', 'A').getByTestId('memory-note')
    expect(await note.count()).toBe(0)

    const [recording] = await bench.engine()['recordings.list']({})
    const needed = await bench.engine()['runs.estimate']({ recording: recording!.id, region: [0, 5], model: repo })
    const machine = await openMachine(page)
    await enter(machine.getByTestId('resource-memoryLimit'), String((needed.total - 1000) / 1e9))
    await shut(page)
    await note.waitFor()
    expect(await note.innerText()).toMatch(/needs about \d+ MB/)
    expect(await axe(page)).toEqual([])

    await note.getByRole('button', { name: /^Get q8/ }).click()
    await details.getByRole('button', { name: /^Download .*q8/ }).click()
    await expect.poll(() => details.getByRole('group', { name: 'Weights' }).innerText()).toMatch(/q8\s+\d+ kB\s+here/)
    await shut(page)
    await note.getByRole('button', { name: /^Use q8/ }).click()
    await note.waitFor({ state: 'detached' })
    expect(await page.getByTestId('variant').inputValue()).toBe('q8')
    await page.getByTestId('run').click()
    await finished(page)
    expect(await page.getByTestId('made-by').innerText()).toMatch(/^CPU · q8 · /)
    expect(await pane(page, 'hidden', 'A').locator('header').innerText()).toMatch(/ · q8$/m)

    // the other weights are another model, and another model has its own
    await page.getByTestId('variant').selectOption('fp32')
    await note.waitFor()
    await chooseModel(page, starters.wav2vec2)
    expect(await page.getByTestId('variant').count()).toBe(0)
    rmSync(parent, { recursive: true, force: true })
  },
)
