import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, finished, letters, pane, run, settled, workbench } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** Runs that are cancelled and processes that die: one sentence says what was lost, and the work goes on. */

const inChromium = testNeeding('chromium')
const bench = workbench()

/** a length that no other test has asked for, so that nothing is in the store */
let length = 4
const openFresh = async (): Promise<Page> => {
  const page = await bench.open()
  length = Math.round((length - 0.1) * 10) / 10
  for (const letter of letters) {
    const field = page.getByRole('spinbutton', { name: `Region end of column ${letter} in seconds` })
    await field.fill(String(length))
    await field.press('Enter')
  }
  await settled(page)
  return page
}
const processes = async () => (await bench.engine()['system.card']({})).processes
const texts = (page: Page, kind: 'error' | 'notice'): Promise<string[]> =>
  page.getByTestId(kind).locator('bdi').allInnerTexts()
const expectResults = async (page: Page): Promise<void> => {
  await chooseModel(page, starters.whisper)
  await run(page)
  for (const letter of letters) {
    await expect.poll(() => pane(page, 'text', letter).getByRole('list', { name: 'Tokens' }).count()).toBe(1)
    expect(await pane(page, 'attention', letter).getByTestId(`attention-map-${letter}`).count()).toBe(1)
  }
}
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Runs all models and presses a button in the frame in which it appears: all runs together take two seconds. */
const runAllAnd = async (page: Page, button: string): Promise<void> => {
  const pressed = page.evaluate(
    (id) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          const found = document.querySelector<HTMLButtonElement>(`[data-testid="${id}"]`)
          if (!found) return void requestAnimationFrame(look)
          found.click()
          resolve()
        }
        look()
      }),
    button,
  )
  await page.getByTestId('run-all').click()
  await pressed
}

inChromium('runs are cancelled, which is no error, and run again', async () => {
  const page = await openFresh()
  await runAllAnd(page, 'cancel')
  await finished(page)
  expect(await texts(page, 'error')).toEqual([])
  expect((await texts(page, 'notice')).join('\n')).toMatch(/the run of \S+ was cancelled/)
  await expectResults(page)
})

inChromium('stop now ends the inference process at once and says what is lost', async () => {
  const page = await openFresh()
  const before = (await processes()).jobs
  await runAllAnd(page, 'stop-now')
  await finished(page)
  await expect
    .poll(() => texts(page, 'notice'))
    .toContain('Inference was stopped and started again; the run that was going on is lost, stored results are not.')
  expect(await texts(page, 'error')).toEqual([])
  await expectResults(page)
  expect((await processes()).jobs).not.toBe(before)
})

inChromium('an inference process that is killed in the middle of a run costs that run and nothing more', async () => {
  const page = await openFresh()
  await page.getByTestId('run-all').click()
  await expect.poll(() => page.getByTestId('progress').innerText()).not.toContain('waiting for its turn')
  const { jobs } = await processes()
  process.kill(jobs!, 'SIGKILL')
  const lost = page.getByRole('alert').getByTestId('error')
  await lost.waitFor()
  await finished(page)
  const said = await texts(page, 'error')
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/^[^.\n]*(lost|ended|killed)[^\n]*$/i)
  await lost.getByRole('button', { name: /^Dismiss/ }).click()
  await lost.waitFor({ state: 'detached' })
  await expectResults(page)
  expect((await processes()).jobs).not.toBe(jobs)
})

inChromium('a killed query process is back at the next look', async () => {
  const page = await openFresh()
  await expectResults(page)
  const { queries } = await processes()
  process.kill(queries!, 'SIGKILL')
  await expect.poll(() => alive(queries!)).toBe(false)
  for (const layer of ['0', '1']) {
    await page.getByTestId('attention-layer').first().selectOption(layer)
    await settled(page)
  }
  for (const letter of letters) {
    const text = await pane(page, 'attention', letter).innerText()
    expect(text).toContain('encoder.attention.1')
    expect(await page.getByTestId(`attention-map-${letter}`).count()).toBe(1)
  }
})

inChromium('a page whose engine is gone says so, keeps its pictures and leaves no process behind', async () => {
  bench.forgive(/ERR_CONNECTION_REFUSED/)
  const page = await openFresh()
  await expectResults(page)
  const { jobs, queries } = await processes()
  bench.served().child.kill('SIGKILL')
  const alert = page.getByRole('alert').filter({ has: page.getByRole('button', { name: 'Connect again' }) })
  await alert.waitFor()
  expect(await alert.innerText()).toMatch(/connection/)
  expect(await page.getByTestId('attention-map-A').count()).toBe(1)
  for (const pid of [jobs!, queries!]) await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
  await alert.getByRole('button', { name: 'Connect again' }).click()
  await alert.waitFor()
})
