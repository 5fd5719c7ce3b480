/**
 * `npx node tests/bench/page.ts` (after `npm run build`): how smoothly the workbench answers, in Chromium without a GPU, with two columns of
 * Whisper's panes over five seconds each. Frames are counted while pointer and wheel move over a plot, beside an empty page that is moved
 * over in the same browser; a change of layer or head is timed from the key to the first frame that shows another picture, beside the
 * engine's answer alone.
 */
import type { CDPSession, Page } from 'playwright-core'
import { engine as contract, type Span } from '../../src/contract/engine.ts'
import { connect } from '../../src/rpc/connect.ts'
import { socketPort } from '../../src/rpc/ports/socket.ts'
import { launch } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { serve } from '../support/served.ts'
import { boxOf, chooseModel, load, plot, run, settled } from '../support/workbench.ts'
import { compare, inTurn, median, printTable, type Row } from './measure.ts'

const [rounds, seconds, changes] = [5, 2, 500]

const served = await serve()
const browser = await launch()
const size = { width: 1440, height: 900 }
const [page, empty] = [await browser.newPage({ viewport: size }), await browser.newPage({ viewport: size })]
await load(page, served.url)
await chooseModel(page, starters.whisper)
await run(page)
await empty.setContent('<canvas width="400" height="200" style="background: grey"></canvas>')
const box = await boxOf(plot(page, 'spectrogram', 'A'))
const address = new URL(served.url)
const socket = new WebSocket(`ws://${address.host}/rpc${address.search}`)
const client = connect(contract, socketPort(socket))

/** Frames a second while `act` is done over and over; `i` counts it. */
const framesDuring = async (target: Page, act: (i: number) => Promise<void>): Promise<number> => {
  await target.bringToFront()
  await target.evaluate(() => {
    const count = { frames: 0, began: performance.now() }
    Object.assign(window, { count })
    const next = (): void => {
      count.frames++
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
  const end = performance.now() + seconds * 1000
  for (let i = 0; performance.now() < end; i++) await act(i)
  return target.evaluate(() => {
    const { count } = window as unknown as { count: { frames: number; began: number } }
    const rate = (1000 * count.frames) / (performance.now() - count.began)
    count.frames = -Infinity
    return rate
  })
}

const frames = async (what: string, act: (target: Page, i: number) => Promise<void>): Promise<Row> => ({
  what,
  against: 'an empty page',
  unit: 'fps',
  ...(await inTurn(
    () => framesDuring(page, (i) => act(page, i)),
    () => framesDuring(empty, (i) => act(empty, i)),
    rounds,
  )),
})

const at = (i: number): [number, number] => [
  box.x + box.width * (0.5 + 0.45 * Math.sin(i / 20)),
  box.y + box.height / 2,
]

const wheel = async (target: Page, x: number, y: number): Promise<void> => {
  await target.mouse.wheel(x, y)
}

/** A small copy of a pane's largest picture, as text: the others are scales and margins. */
const pictures = `(() => {
  const small = Object.assign(document.createElement('canvas'), { width: 48, height: 48 }).getContext('2d', { willReadFrequently: true })
  return (pane) => {
    const all = [...document.querySelectorAll('[data-testid="' + pane + '"] canvas:not([data-ghost])')]
    small.clearRect(0, 0, 48, 48)
    small.drawImage(all.toSorted((a, b) => b.width * b.height - a.width * a.height)[0], 0, 0, 48, 48)
    return small.getImageData(0, 0, 48, 48).data.join()
  }
})()`

/** Milliseconds from a key to the first frame in which the pane's picture is another. */
const painted = async (pane: string, key: string): Promise<number> => {
  const passed = await page.evaluate(
    ([pane, key, source]) =>
      new Promise<number | null>((resolve) => {
        const picture = (0, eval)(source!) as (pane: string) => string
        const before = picture(pane!)
        const began = performance.now()
        const shiftKey = key !== key!.toLowerCase()
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: key!, shiftKey, bubbles: true }))
        const look = (): void => {
          const passed = performance.now() - began
          if (picture(pane!) !== before) resolve(passed)
          else if (passed > 2000) resolve(null)
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }),
    [pane, key, pictures],
  )
  if (passed === null) throw new Error(`${key} changed nothing in ${pane} within two seconds`)
  return passed
}

const answer = async (tap: string): Promise<number> => {
  const [recording] = await client['recordings.list']({})
  const found = await client['runs.find']({ recording: recording!.id, region: [0, 5], model: starters.whisper })
  const span: Span = { unit: 'second', range: [0, 5] }
  const began = performance.now()
  if (tap.includes('hidden'))
    await client['runs.hidden']({ run: found!.id, tap, steps: span, dimensions: [0, 128], width: 600, height: 128 })
  else
    await client['runs.attention']({
      run: found!.id,
      tap,
      heads: 'mean',
      queries: span,
      keys: span,
      width: 400,
      height: 400,
    })
  return performance.now() - began
}

const changed = async (what: string, pane: string, keys: [string, string], tap: string): Promise<Row> => {
  await page.bringToFront()
  const pairs: [number, number][] = []
  for (let i = 0; i < 4 * rounds; i++) {
    await settled(page)
    const own = await painted(pane, keys[Math.floor(i / 2) % 2]!)
    pairs.push([own, await answer(tap)])
  }
  // each layer's attention is cut and loaded once
  return { what, against: 'its answer', ...compare(pairs.slice(4)) }
}

/** Bytes of the page's heap, after everything that can go is gone. */
const heap = async (session: CDPSession): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value
}

const memory = async (): Promise<Row> => {
  await page.bringToFront()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const sizes: number[] = []
  for (let i = 0; i <= changes; i++) {
    await page.keyboard.press(['k', 'j', 'Shift+K', 'Shift+J', 'h'][i % 5]!)
    if (i % 50 !== 0) continue
    await settled(page)
    sizes.push((await heap(session)) / 1e6)
  }
  const [early, late] = [median(sizes.slice(1, 4)), median(sizes.slice(-3))]
  return {
    what: `heap after ${changes} changes`,
    against: 'after 100',
    unit: 'MB',
    ours: late,
    baseline: early,
    ratio: late / early,
  }
}

const rows: Row[] = [
  await frames('cursor', (target, i) => target.mouse.move(...at(i))),
  await frames('pan', (target, i) => wheel(target, i % 40 < 20 ? 30 : -30, 0)),
]
await page.keyboard.down('Control')
await empty.keyboard.down('Control')
rows.push(await frames('zoom', (target, i) => wheel(target, 0, i % 40 < 20 ? -30 : 30)))
await page.keyboard.up('Control')
await empty.keyboard.up('Control')
await page.keyboard.press('f')
await page.mouse.move(0, 0)
rows.push(
  await changed('hidden layer, to the first frame', 'pane-hidden-A', ['j', 'k'], 'encoder.hidden.2'),
  await changed('attention layer, to the first frame', 'pane-attention-A', ['J', 'K'], 'encoder.attention.2'),
  await changed('head, to the first frame', 'pane-attention-A', ['h', 'H'], 'encoder.attention.2'),
  await memory(),
)
printTable(rows)
socket.close()
await browser.close()
await served.close()
