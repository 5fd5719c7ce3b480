import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import prettier from 'prettier'
import { figureNames } from '../src/contract/figures.ts'
import { fontFiles } from '../src/engine/export/fonts.ts'
import { resource, root } from '../src/engine/paths.ts'
import { serve } from '../tests/support/served.ts'
import { pixelsOf, pixelsOfPng, smallPng } from './small-png.ts'
import { starters } from '../tests/support/models.ts'
import { chooseModel, load, run, settled as answered } from '../tests/support/workbench.ts'
import { views, type View } from './views.ts'

/**
 * The pictures of the docs, from the build (`npm run build` first): the workbench and the five figures of a report for the README, and
 * docs/views.md with each view in both themes. `node tools/screenshots.ts views` makes the latter alone,
 * with names after it those views alone.
 */

const folder = join(root, 'docs', 'images')
const most = 400_000
const font = { loadSystemFonts: false, fontFiles: Object.values(fontFiles), defaultFontFamily: 'DejaVu Sans' }

const save = (name: string, png: Buffer): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  if (png.length > most) throw new Error(`${name} takes ${png.length} bytes, more than ${most}`)
  writeFileSync(join(folder, name), png)
  console.log(`${name} ${Math.round(png.length / 1000)} kB`)
}

interface Whole {
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

const wholes: Whole[] = [
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

const shoot = async (browser: Browser, url: string, view: Whole): Promise<void> => {
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

const themes = ['dark', 'light'] as const

const picture = async (browser: Browser, url: string, view: View, theme: (typeof themes)[number]): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: theme })
  page.setDefaultTimeout(120_000)
  await load(page, url)
  await chooseModel(page, view.model)
  await run(page)
  await view.act(page)
  await answered(page)
  await page.waitForTimeout(300)
  const of = view.of === undefined ? page : page.getByTestId(view.of)
  save(`views/${view.name}-${theme}.png`, smallPng(pixelsOfPng(await of.screenshot())))
  await page.close()
}

const serving = async (files: string[], take: (browser: Browser, url: string) => Promise<void>): Promise<void> => {
  const executablePath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
  // pictures of nobody's own models and settings
  const own = mkdtempSync(join(tmpdir(), 'otoscope-nobody-'))
  Object.assign(process.env, { HF_HOME: own, OTOSCOPE_DATA: own, OTOSCOPE_SETTINGS: own })
  const served = await serve(files)
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']
  const browser = await chromium.launch({ executablePath, args })
  try {
    await take(browser, served.url)
  } finally {
    await browser.close()
    await served.close()
    rmSync(own, { recursive: true, force: true })
  }
}

const screenshots = (): Promise<void> =>
  serving([], async (browser, url) => {
    for (const view of wholes) await shoot(browser, url, view)
  })

const viewsPage = async (names: string[]): Promise<void> => {
  const wanted = names.length === 0 ? views : views.filter(({ name }) => names.includes(name))
  const files = ['voice.wav', 'chimes.wav', 'scene.wav'].map((name) => resource('recordings', name))
  await serving(files, async (browser, url) => {
    for (const view of wanted) for (const theme of themes) await picture(browser, url, view, theme)
  })
  const cell = ({ name, title }: View, theme: string): string =>
    `![${title}, ${theme}](images/views/${name}-${theme}.png)`
  const lines = [
    '# Views',
    '',
    'Each view of the workbench, dark and light, on the shipped models and samples. Made by `node tools/screenshots.ts views`.',
    ...views.flatMap((view) => ['', `## ${view.title}`, '', ...themes.flatMap((theme) => [cell(view, theme), ''])]),
  ]
  const text = await prettier.format(lines.join('\n'), {
    parser: 'markdown',
    ...(await prettier.resolveConfig(folder)),
  })
  writeFileSync(join(root, 'docs', 'views.md'), text)
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

if (process.argv[2] !== 'views') {
  await screenshots()
  await figures()
}
await viewsPage(process.argv.slice(3))
