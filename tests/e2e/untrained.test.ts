import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { goldenModel } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, letters, pane, run, workbench } from '../support/workbench.ts'

/** A model of random weights among the trained ones of the box. */

const inChromium = testNeeding('chromium')
const model = 'wav2vec2-sdpa-17'
const data = mkdtempSync(join(tmpdir(), 'otoscope-untrained-'))
cpSync(goldenModel(model), join(data, 'models', model), { recursive: true })
const bench = workbench(
  () => [],
  () => ({ OTOSCOPE_DATA: data }),
)
afterAll(() => rmSync(data, { recursive: true }))

inChromium(
  'an untrained model is called so in the list and on every pane it made, and is not the one chosen first',
  async () => {
    const page = await bench.open()
    const shown = await page.getByTestId('models').getByRole('listitem').allInnerTexts()
    expect(shown.filter((text) => text.includes('untrained')).map((text) => text.startsWith(model))).toEqual([true])
    expect(await page.getByRole('radio', { name: model }).isChecked()).toBe(false)
    await chooseModel(page, model)
    await run(page)
    for (const letter of letters)
      for (const kind of ['hidden', 'attention', 'text'] as const)
        expect(
          await pane(page, kind, letter).getByText('untrained', { exact: true }).count(),
          `${kind} ${letter}`,
        ).toBe(1)
  },
)
