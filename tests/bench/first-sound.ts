/**
 * `node tests/bench/first-sound.ts [file]` (after `npm run build`): milliseconds from Space, the very first thing done on a page, until the first frame of
 * the recording is heard, in Chromium; beside an empty page of the same browser that plays a second that it has at hand. Wanted: 300.
 */
import type { Page } from 'playwright-core'
import { launch } from '../support/browser.ts'
import { serve } from '../support/served.ts'
import { load } from '../support/workbench.ts'
import { inTurn, printTable } from './measure.ts'

const rounds = 7
const served = await serve(process.argv.slice(2))
const browser = await launch()
const viewport = { width: 1440, height: 900 }

/** Presses Space; until what is started first leaves the browser, by its own clocks. */
const heard = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const start = AudioBufferSourceNode.prototype.start
        const began = performance.now()
        AudioBufferSourceNode.prototype.start = function (when = 0, ...others) {
          start.call(this, when, ...others)
          AudioBufferSourceNode.prototype.start = start
          const context = this.context as AudioContext
          // a context that has just begun to run has no clock of its output yet
          const read = (): void => {
            const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp()
            if (performanceTime > 0) resolve(performanceTime + 1000 * (Math.max(when, 0) - contextTime) - began)
            else requestAnimationFrame(read)
          }
          read()
        }
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', code: 'Space', bubbles: true }))
      }),
  )

const ours = async (): Promise<number> => {
  const page = await browser.newPage({ viewport })
  await load(page, served.url)
  const milliseconds = await heard(page)
  await page.close()
  return milliseconds
}

const baseline = async (): Promise<number> => {
  const page = await browser.newPage({ viewport })
  await page.evaluate(() => {
    const second = new AudioBuffer({ length: 48_000, sampleRate: 48_000 })
    document.body.addEventListener('keydown', async () => {
      const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' })
      await context.resume()
      const node = new AudioBufferSourceNode(context, { buffer: second })
      node.connect(context.destination)
      node.start(context.currentTime)
    })
  })
  const milliseconds = await heard(page)
  await page.close()
  return milliseconds
}

printTable([{ what: 'Space to the first sound', against: 'an empty page', ...(await inTurn(ours, baseline, rounds)) }])
await browser.close()
await served.close()
