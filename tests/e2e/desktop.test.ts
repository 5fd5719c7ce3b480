import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron as electron } from 'playwright-core'
import { expect } from 'vitest'
import { root } from '../../src/engine/paths.ts'
import { watch } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, letters, pane, run, settled } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** The same page in a window of its own, over ports instead of a socket. */

testNeeding('electron')('the window opens with two columns, and a model runs in it', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'otoscope-desktop-'))
  const application = await electron.launch({
    args: [root],
    env: { ...(process.env as Record<string, string>), OTOSCOPE_CACHE: cache },
  })
  try {
    const page = await application.firstWindow()
    const problems = watch(page)
    await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
    await settled(page)
    for (const letter of letters) expect(await page.getByTestId(`column-${letter}`).count()).toBe(1)
    // nothing of Node reaches the page
    expect(await page.evaluate(() => 'require' in window || 'process' in window)).toBe(false)
    await chooseModel(page, starters.wav2vec2)
    await run(page)
    for (const letter of letters)
      expect(await pane(page, 'attention', letter).getByTestId(`attention-map-${letter}`).count()).toBe(1)
    expect(problems).toEqual([])
  } finally {
    await application.close()
    rmSync(cache, { recursive: true, force: true })
  }
})
