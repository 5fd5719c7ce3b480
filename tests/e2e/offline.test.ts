import { expect } from 'vitest'
import { enter, hubBench, openModels } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'

/** A machine that is told to stay offline. */

const inChromium = testNeeding('chromium')
const bench = hubBench('hf_ours', { HF_HUB_OFFLINE: '1' })

inChromium('where HF_HUB_OFFLINE is set the list says so and offers nothing that would ask the hub', async () => {
  const page = await bench.open()
  const { dialog, details } = await openModels(page)
  await details.getByText('HF_HUB_OFFLINE is set').waitFor()
  expect(await details.getByTestId('ask').isDisabled()).toBe(true)
  expect(await details.getByTestId('download-start').isDisabled()).toBe(true)
  await enter(dialog.getByTestId('other'), 'openai/whisper-tiny')
  await dialog.locator('summary').filter({ hasText: 'Updates' }).click()
  expect(await dialog.getByTestId('updates').isDisabled()).toBe(true)
  // without a network a model still comes from a disk that was carried
  await dialog.locator('summary').filter({ hasText: 'Import' }).click()
  await dialog.getByText('otoscope models import ARCHIVE.tar').waitFor()
  expect(bench.hub().requests).toEqual([])
})
