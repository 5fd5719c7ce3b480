import { expect } from 'vitest'
import { axe } from '../support/browser.ts'
import { enter, hubBench, openMachine, shut } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { webgpuEnvironment } from '../support/webgpu.ts'
import { chooseModel, finished, pane, settled } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** A provider that is not the CPU, from being compared to what every pane says of it. */

const onWebgpu = testNeeding('chromium', 'webgpu')
const bench = hubBench('hf_ours', { ...webgpuEnvironment() })

onWebgpu('WebGPU is compared with the CPU by a button, then runs, and what it made says so everywhere', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  // a device in software is slow: half a second of one recording is enough
  await enter(page.getByRole('spinbutton', { name: 'Region end of column A in seconds' }), '0.5')
  const dialog = await openMachine(page)
  await dialog.getByTestId('compare-webgpu').click()
  const verdict = dialog.getByTestId('verdict')
  await verdict.waitFor({ timeout: 90_000 })
  const said = await verdict.innerText()
  expect(said).toContain(`WebGPU on ${starters.wav2vec2}: may run`)
  expect(said).toMatch(/worst error\s+[\d.]+(e-\d+)? at encoder\.hidden\.\d+[^]*allowed\s+1e-3/)
  expect(said).toMatch(/nodes\s+\d+ on WebGPU/)
  expect(said).toMatch(/× (slower|faster) than the CPU|as fast as the CPU/)
  const [found] = await bench.engine()['devices.verdicts']({ model: starters.wav2vec2 })
  expect(await verdict.locator('tbody tr').count()).toBe(found!.taps.length)
  expect(await axe(page)).toEqual([])
  await shut(page)

  await page.getByTestId('device').selectOption('webgpu')
  await pane(page, 'hidden', 'A').getByRole('button', { name: /^Run/ }).click()
  await finished(page)
  expect(await page.getByTestId('made-by').innerText()).toMatch(/^WebGPU · parity [\d.]+(e-\d+)? · computed · /)
  await page.getByTestId('made-by').click()
  const facts = page.getByTestId('run-facts')
  expect(await facts.innerText()).toMatch(
    /because\s+asked for[^]*nodes\s+\d+ on WebGPU[^]*parity\s+hidden states within/,
  )
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  for (const kind of ['hidden', 'attention', 'text'] as const)
    expect(await pane(page, kind, 'A').locator('header').innerText(), kind).toMatch(/on WebGPU/)
  expect(await pane(page, 'attention', 'A').innerText()).toContain('Recomputed on the CPU from WebGPU’s hidden states.')
  await pane(page, 'hidden', 'A')
    .getByRole('button', { name: /^More of/ })
    .click()
  await page.getByTestId('enlarge').locator('visible=true').click()
  expect(await page.getByTestId('made-of').innerText()).toMatch(
    /ran on WebGPU \(.*\d+ nodes on WebGPU.*hidden states within .* of the CPU's; 1e-3 allowed; asked for\.$/,
  )
  await page.keyboard.press('Escape')
  await settled(page)

  const again = await openMachine(page)
  await again.getByTestId('compare-webgpu').click()
  await again.getByTestId('compare-cancel').click()
  await again.getByTestId('compare-progress').waitFor({ state: 'detached' })
  expect(await again.getByTestId('compare-failure').count()).toBe(0)
  expect(await again.getByTestId('verdict').count()).toBe(1)
})
