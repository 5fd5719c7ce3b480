import { readFileSync } from 'node:fs'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { engine as contract, type EngineClient } from '../../src/contract/engine.ts'
import { connect } from '../../src/rpc/connect.ts'
import { socketPort } from '../../src/rpc/ports/socket.ts'
export { indexOfMost } from '../../src/signal/reduce.ts'
import { launch, watch } from './browser.ts'
import { serve, type Served } from './served.ts'

/** The workbench as a person has it before them: one served process and one browser for all tests of a file, a page for each test. */
export interface Workbench {
  served(): Served
  /** a fresh page that has loaded its recordings and models; what it complains about fails the test */
  open(options?: OpenOptions): Promise<Page>
  /** the same engine without a page, to hold what is drawn against numbers */
  engine(): EngineClient
  /** complaints that a test expects: network errors after a killed server */
  forgive(pattern: RegExp): void
}

interface OpenOptions {
  width?: number
  height?: number
  colorScheme?: 'light' | 'dark'
  /** without the page's policy: a test may bring modules of its own */
  bypassCSP?: boolean
}

export const workbench = (files: () => string[] = () => [], env: () => NodeJS.ProcessEnv = () => ({})): Workbench => {
  // a browser on busy cores is slow; what waits for something has a limit of its own
  vi.setConfig({ testTimeout: 120_000 })
  let browser: Browser
  let served: Served
  let socket: WebSocket
  let client: EngineClient
  let problems: string[] = []
  let forgiven: RegExp | null = null
  beforeAll(async () => {
    ;[served, browser] = await Promise.all([serve(files(), { env: env() }), launch()])
    const address = new URL(served.url)
    socket = new WebSocket(`ws://${address.host}/rpc${address.search}`)
    client = connect(contract, socketPort(socket))
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    const left = problems.filter((text) => !forgiven?.test(text))
    ;[problems, forgiven] = [[], null]
    expect(left, 'complaints of the page').toEqual([])
  })
  afterAll(async () => {
    socket?.close()
    await Promise.all([browser?.close(), served?.close()])
  })
  return {
    served: () => served,
    engine: () => client,
    forgive: (pattern) => (forgiven = pattern),
    open: async ({ width = 1600, height = 1000, colorScheme = 'dark', bypassCSP = false } = {}) => {
      const viewport = { width, height }
      const context = await browser.newContext({ viewport, colorScheme, bypassCSP, acceptDownloads: true })
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      problems = watch(page)
      await load(page, served.url)
      return page
    },
  }
}

/** Opens the workbench on a page, and waits for its recordings and models. */
export const load = async (page: Page, url: string): Promise<void> => {
  await page.goto(url)
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  await settled(page)
}

/** Nothing is asked of the engine any more, and what it answered is drawn. */
export const settled = async (page: Page): Promise<void> => {
  const frames = (): Promise<unknown> =>
    page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  await frames()
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await frames()
}

export type PaneKind = 'waveform' | 'regions' | 'spectrogram' | 'hidden' | 'attention' | 'text'
export type Letter = 'A' | 'B'
export const letters: readonly Letter[] = ['A', 'B']
export const pane = (page: Page, kind: PaneKind, letter: Letter): Locator => page.getByTestId(`pane-${kind}-${letter}`)
/** the area of a pane that lies on the time axis */
export const plot = (page: Page, kind: PaneKind, letter: Letter): Locator =>
  pane(page, kind, letter).getByRole('slider', { name: /: cursor$/ })

export const boxOf = async (locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> => {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${String(locator)} is not on the screen`)
  return box
}

/** Moves the pointer to shares of an element's size. */
export const hover = async (page: Page, locator: Locator, x: number, y = 0.5): Promise<void> => {
  await locator.scrollIntoViewIfNeeded()
  const box = await boxOf(locator)
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height)
}

/** "1:02.500" → 62.5 */
export const readClock = (text: string): number =>
  text.split(':').reduce((sum, part) => sum * 60 + Number(part.replace('−', '-')), 0)

export const moment = async (page: Page): Promise<number> => readClock(await page.getByTestId('moment').innerText())

export const chooseModel = async (page: Page, model: string): Promise<void> => {
  await page.getByRole('radio', { name: model }).check()
  await settled(page)
}

/** Runs the chosen model over every column, or finds it in the store. */
export const run = async (page: Page): Promise<void> => {
  await page.getByTestId('run').click()
  await finished(page)
}

export const finished = async (page: Page): Promise<void> => {
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor({ timeout: 60_000 })
  await settled(page)
}

export interface Pixels {
  width: number
  height: number
  /** [red, green, blue, alpha] */
  at(x: number, y: number): [number, number, number, number]
}

/** What is drawn on an element's canvas; one CSS pixel is one pixel. */
export const pixelsOf = async (locator: Locator): Promise<Pixels> => {
  const canvas = locator.locator('canvas').first()
  const { width, height, base64 } = await canvas.evaluate((element: HTMLCanvasElement) => {
    const { width, height } = element
    const { data } = element.getContext('2d')!.getImageData(0, 0, width, height)
    let text = ''
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192))
    return { width, height, base64: btoa(text) }
  })
  const data = Buffer.from(base64, 'base64')
  return {
    width,
    height,
    at: (x, y) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)] as [number, number, number, number],
  }
}

export const downloaded = async (
  page: Page,
  act: () => Promise<void>,
): Promise<{ name: string; bytes: Uint8Array }> => {
  const coming = page.waitForEvent('download', { timeout: 60_000 })
  const [download] = await Promise.all([coming, act()])
  return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) }
}
