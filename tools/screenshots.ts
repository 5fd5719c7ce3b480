import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { figureNames } from '../src/contract/engine.ts'
import { fontFiles } from '../src/engine/export/fonts.ts'
import { resource, root } from '../src/engine/paths.ts'
import { serve } from '../tests/support/served.ts'
import { pixelsOf, pixelsOfPng, smallPng } from './small-png.ts'
import { starters } from '../tests/support/models.ts'

/** The pictures of the README: the workbench from the build (`npm run build` first), and the five figures of a report. */

const folder = join(root, 'docs', 'images')
const most = 400_000
const font = { loadSystemFonts: false, fontFiles: Object.values(fontFiles), defaultFontFamily: 'DejaVu Sans' }

const save = (name: string, png: Buffer): void => {
  if (png.length > most) throw new Error(`${name} takes ${png.length} bytes, more than ${most}`)
  writeFileSync(join(folder, name), png)
  console.log(`${name} ${Math.round(png.length / 1000)} kB`)
}

interface View {
  name: string
  theme: 'dark' | 'light'
  width: number
  height: number
  model: string
  /** the spectrogram as the model gets it */
  features: boolean
  /** the attention row that is pinned, as a share of the map's height */
  row: number
}

const views: View[] = [
  {
    name: 'workbench-dark',
    theme: 'dark',
    width: 1440,
    height: 900,
    model: starters.whisper,
    features: false,
    row: 0.35,
  },
  {
    name: 'workbench-light',
    theme: 'light',
    width: 1280,
    height: 720,
    model: starters.ast,
    features: true,
    row: 0.35,
  },
]

/** Waits until nothing runs and no pane loads; fading is over a moment later. */
const settled = async (page: Page): Promise<void> => {
  await page.getByTestId('run').waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await page.waitForTimeout(600)
}

const shoot = async (browser: Browser, url: string, view: View): Promise<void> => {
  const { width, height } = view
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: view.theme })
  await page.goto(url)
  await page.getByRole('radio', { name: view.model }).check()
  await page.getByTestId('run-all').click()
  await page.getByTestId('attention-map-B').waitFor()
  await settled(page)
  if (view.features) await page.keyboard.press('s')
  const map = page.getByTestId('attention-map-A')
  const box = (await map.boundingBox())!
  await map.click({ position: { x: box.width * 0.6, y: box.height * view.row } })
  // away from the panes, so that no cursor is left in the picture
  await page.mouse.move(width - 4, height / 2)
  await page.locator('main').evaluate((element) => element.scrollTo(0, 0))
  await settled(page)
  save(`${view.name}.png`, smallPng(pixelsOfPng(await page.screenshot())))
  await page.close()
}

const screenshots = async (): Promise<void> => {
  const executablePath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
  // pictures of nobody's own models and settings
  const own = mkdtempSync(join(tmpdir(), 'otoscope-nobody-'))
  Object.assign(process.env, { HF_HOME: own, OTOSCOPE_DATA: own, OTOSCOPE_SETTINGS: own })
  const served = await serve()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    for (const view of views) await shoot(browser, served.url, view)
  } finally {
    await browser.close()
    await served.close()
    rmSync(own, { recursive: true, force: true })
  }
}

const figures = async (): Promise<void> => {
  const out = mkdtempSync(join(tmpdir(), 'otoscope-figures-'))
  const recordings = ['thunder.wav', 'chimes.wav'].map((name) => resource('recordings', name))
  const models = [starters.whisper, starters.wav2vec2, starters.ast].join(',')
  const words = ['report', ...recordings, '--models', models, '--out', out, '--format', 'svg', '--no-cache']
  try {
    await promisify(execFile)(process.execPath, [join(root, 'out/main/cli.js'), ...words])
    for (const name of figureNames) {
      const svg = readFileSync(join(out, 'figures', `${name}.svg`), 'utf8')
      save(`figure-${name}.png`, smallPng(pixelsOf(svg, { fitTo: { mode: 'width', value: 1280 }, font })))
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

mkdirSync(folder, { recursive: true })
await screenshots()
await figures()
