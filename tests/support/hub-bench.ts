import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { resource } from '../../src/engine/paths.ts'
import { dialogGone } from './browser.ts'
import { startHub, type Hub } from './hub-server.ts'
import { workbench, type Workbench } from './workbench.ts'

/** A workbench whose hub is a server of this machine, and whose Hugging Face cache and settings are its own and new. */
export interface HubBench extends Workbench {
  hub(): Hub
}

export const hubBench = (token = 'hf_ours', env: NodeJS.ProcessEnv = {}): HubBench => {
  let hub: Hub
  let home: string
  beforeAll(async () => {
    hub = await startHub({ tokens: [token] })
    home = mkdtempSync(join(tmpdir(), 'otoscope-hub-'))
  })
  afterEach(() => hub.heal())
  const bench = workbench(
    () => [],
    () => ({
      HF_ENDPOINT: hub.endpoint,
      HF_HOME: join(home, 'hf'),
      OTOSCOPE_SETTINGS: join(home, 'settings'),
      HF_TOKEN: '',
      ...env,
    }),
  )
  afterAll(async () => {
    await hub?.close()
    rmSync(home, { recursive: true, force: true })
  })
  return { ...bench, hub: () => hub }
}

/** The files of a shipped model, by their names on the hub. */
export const shippedFiles = (model: string): Record<string, { path: string }> => filesIn(resource('models', model))

export const filesIn = (folder: string): Record<string, { path: string }> => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(files.map((name) => [name.replaceAll('\\', '/'), { path: join(folder, name) }]))
}

export interface Models {
  dialog: Locator
  details: Locator
  /** chooses a model of the list by its repository */
  choose(repo: string): Promise<void>
  /** names any model and asks the hub about it */
  askOther(repo: string): Promise<void>
}

/** Opens the model browser by its key. */
export const openModels = async (page: Page): Promise<Models> => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('l')
  const dialog = page.getByRole('dialog', { name: 'Models' })
  await dialog.getByTestId('model-list').getByRole('option').first().waitFor()
  return {
    dialog,
    details: dialog.getByTestId('model-details'),
    choose: (repo) => dialog.getByTestId('model-list').getByRole('option', { name: repo }).click(),
    askOther: async (repo) => {
      await dialog.getByTestId('other').fill(repo)
      await dialog.getByTestId('other-ask').click()
    },
  }
}

/** Opens the panel of this machine by its key. */
export const openMachine = async (page: Page): Promise<Locator> => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('i')
  const dialog = page.getByRole('dialog', { name: 'This machine' })
  await dialog.locator('[data-testid="device-table"][aria-busy="false"]').waitFor({ timeout: 60_000 })
  await dialog.getByTestId('resources').waitFor()
  return dialog
}

export const shut = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  await dialogGone(page)
}

export const enter = async (field: Locator, text: string): Promise<void> => {
  await field.fill(text)
  await field.press('Enter')
}
