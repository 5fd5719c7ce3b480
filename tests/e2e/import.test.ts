import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import type { ModelCard } from '../../src/contract/model.ts'
import type { Shell } from '../../src/contract/shell.ts'
import { axe } from '../support/browser.ts'
import { startCli } from '../support/cli.ts'
import { hubBench, openModels, shut } from '../support/hub-bench.ts'
import { goldenModel } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { run } from '../support/workbench.ts'

/** The desktop's way to a model on this machine, and what a person says of one of no known family. */

const inChromium = testNeeding('chromium')
const bench = hubBench()
const parent = mkdtempSync(join(tmpdir(), 'otoscope-import-'))
afterAll(() => rmSync(parent, { recursive: true }))

const asked: [string, string | undefined][] = []

/** In the place of the shell's folder dialog: the folder is imported by the command line, into the store that the page's engine has. */
const withShell = async (page: Page, folder: string): Promise<void> => {
  await page.exposeFunction('importFolder', async (kind: string, input?: string): Promise<ModelCard> => {
    asked.push([kind, input])
    const words = ['models', 'import', folder, '--json', '--cache', bench.served().cache]
    const { code, stdout, stderr } = await startCli(input ? [...words, '--input', input] : words).ended
    if (code !== 0) throw new Error(stderr.trim().split('\n').at(-1))
    return JSON.parse(stdout) as ModelCard
  })
  await page.evaluate(() => {
    const here = window as unknown as { importFolder: Shell['importModel']; shell: Pick<Shell, 'importModel'> }
    here.shell = { importModel: here.importFolder }
  })
}

inChromium('a folder of no known family is imported by saying what it hears, tried, and run', async () => {
  const folder = join(parent, 'nobody')
  mkdirSync(folder)
  cpSync(join(goldenModel('hubert-sdpa-14'), 'onnx', 'model.onnx'), join(folder, 'model.onnx'))
  const page = await bench.open()
  await withShell(page, folder)
  const { dialog } = await openModels(page)
  await dialog.getByText('Import without a network').click()
  const button = dialog.getByRole('button', { name: 'Import a folder…' })
  await button.click()
  await dialog.getByRole('alert').getByText('--input waveform').waitFor({ timeout: 60_000 })
  const hears = dialog.getByLabel("The folder's model hears")
  await hears.focus()
  await page.keyboard.type('a wave')
  expect(await hears.inputValue()).toBe('waveform')
  expect(await axe(page)).toEqual([])
  await button.focus()
  await page.keyboard.press('Enter')
  await dialog.getByRole('status').getByText('its taps were tried and are right').waitFor({ timeout: 60_000 })
  expect(asked).toEqual([
    ['folder', undefined],
    ['folder', 'waveform'],
  ])
  const { config } = JSON.parse(readFileSync(join(folder, 'otoscope.json'), 'utf8')) as { config: object }
  expect(config).toMatchObject({ model_type: 'waveform', num_hidden_layers: 2 })
  await shut(page)
  await page.getByRole('radio', { name: 'nobody' }).check()
  await run(page)
  expect(await page.getByTestId('pane-hidden-A').locator('header').innerText()).toContain('encoder.hidden.2')
})
