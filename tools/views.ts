import type { Page } from 'playwright-core'
import { starters } from '../tests/support/models.ts'
import { boxOf, settled } from '../tests/support/workbench.ts'

/** What docs/views.md shows: how a person comes to each view, and which part of the page is its picture. */
export interface View {
  name: string
  title: string
  model: string
  /** test id of what is pictured; the whole page where it is left out */
  of?: string
  act(page: Page): Promise<void>
}

const nothing = (): Promise<void> => Promise.resolve()

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.press(key)
    await settled(page)
  }
}

const pin = async (page: Page): Promise<void> => {
  const map = page.getByTestId('attention-map-A')
  const box = await boxOf(map)
  await map.click({ position: { x: box.width * 0.6, y: box.height * 0.35 } })
  await page.mouse.move(4, 300)
  await settled(page)
}

/** Beside the maps: silence, which is run for it. */
const baseline = async (page: Page): Promise<void> => {
  await press(page, 'Shift+Z')
  for (const letter of ['A', 'B']) {
    const button = page.getByTestId(`column-${letter}`).getByRole('button', { name: /^Run / })
    // it is stored where another picture asked for it
    if ((await button.count()) > 0) await button.first().click()
    await page.getByTestId(`attention-baseline-${letter}`).waitFor({ timeout: 60_000 })
  }
}

const { whisper, wav2vec2, ast } = starters
const view = (name: string, title: string, model: string, of: string | undefined, act: View['act']): View => ({
  name,
  title,
  model,
  ...(of !== undefined && { of }),
  act,
})

export const views: readonly View[] = [
  view('curves', 'A pinned moment: its row and its column as curves', whisper, 'pane-spectrogram-A', pin),
  view('rollout', 'Attention’s rollout through the layers', whisper, 'pane-attention-A', (page) => press(page, 'q')),
  view('values', 'Attention weighted by the values it moves', whisper, 'pane-attention-A', (page) =>
    press(page, 'q', 'q'),
  ),
  view('contrast', 'On audio only, each row by its greatest', whisper, 'pane-attention-A', (page) =>
    press(page, 'Shift+Q', 'y', 'y', 'y'),
  ),
  view('atlas', 'The atlas: every head of every layer by one number', whisper, 'pane-attention-A', (page) =>
    press(page, 'v'),
  ),
  view('maps', 'The atlas: every head of every layer as a small map', whisper, 'pane-attention-A', async (page) => {
    await press(page, 'v')
    await page.getByTestId('atlas-metric').first().selectOption('maps')
  }),
  view('alignment', 'A token through the alignment heads', whisper, 'pane-attention-A', (page) =>
    press(page, ';', '.', '.', '.'),
  ),
  view('words', 'Words and tokens where they are said', whisper, 'pane-text-A', nothing),
  view('characters', 'Characters over the scores of every symbol', wav2vec2, 'pane-text-A', nothing),
  view('labels', 'Labels and their scores', ast, 'pane-text-A', nothing),
  view('patches', 'Attention of a patch, in time and frequency', ast, 'pane-spectrogram-A', async (page) => {
    await pin(page)
    await press(page, 's', 'Shift+ArrowUp', 'Shift+ArrowUp')
  }),
  view('layers', 'All layers under each other', whisper, 'pane-hidden-A', (page) => press(page, 'u')),
  view('dimension', 'One dimension, and what drives it most', whisper, 'pane-hidden-A', (page) =>
    press(page, 'u', 'u'),
  ),
  view('similarity', 'How alike the layers are', whisper, 'pane-hidden-A', (page) => press(page, 'u', 'u', 'u')),
  view('trajectory', 'A layer’s way through a PCA', whisper, 'pane-hidden-A', (page) =>
    press(page, 'u', 'u', 'u', 'u'),
  ),
  view('difference', 'Column A less column B', whisper, 'column-B', (page) => press(page, 'Shift+D')),
  view('table', 'What differs most between two columns', whisper, undefined, (page) => press(page, 'Shift+T')),
  view('baseline', 'Beside the maps: the same of silence', whisper, 'column-A', baseline),
  view('hearing', 'Heard as loud as the row weighs it', whisper, 'pane-waveform-A', async (page) => {
    await pin(page)
    await page.getByTestId('column-A').getByRole('button', { name: 'attended', exact: true }).click()
    await page.getByTestId('pane-waveform-A').getByText('weights as loudness').first().waitFor()
  }),
  view('columns', 'Three columns', wav2vec2, undefined, async (page) => {
    await press(page, 'n')
    await page.getByTestId('run').click()
    await page.getByTestId('run').and(page.locator(':enabled')).waitFor({ timeout: 60_000 })
  }),
]
