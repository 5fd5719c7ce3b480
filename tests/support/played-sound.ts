import type { Page } from 'playwright-core'

/** What a page plays, as it leaves Web Audio, and where its playhead says it is: both on the page's clock. */

/** One context's sound: what was never played is 0. */
export interface PlayedSound {
  rate: number
  /** number of the first frame, counted by the context */
  first: number
  channels: Float32Array[]
  /** when a frame is heard, in milliseconds of the page */
  heardAt(frame: number): number
}

/** What the status line says at the moment it begins to say so. */
export interface Said {
  at: number
  seconds: number
}

interface Tap {
  rate: number
  blocks: { frame: number; channels: Float32Array[] }[]
  clocks: { context: number; page: number }[]
}

const recorder = `registerProcessor('tap', class extends AudioWorkletProcessor {
  constructor() { super(); this.kept = [[], []]; this.first = 0 }
  process([input]) {
    if (this.kept[0].length === 0) this.first = currentFrame
    const [left, right] = [input[0] ?? new Float32Array(128), input[1] ?? input[0] ?? new Float32Array(128)]
    this.kept[0].push(left.slice()); this.kept[1].push(right.slice())
    if (this.kept[0].length === 16) {
      const join = (parts) => { const all = new Float32Array(2048); parts.forEach((part, i) => all.set(part, 128 * i)); return all }
      this.port.postMessage({ frame: this.first, channels: this.kept.map(join) })
      this.kept = [[], []]
    }
    return true
  }
})`

/** The page must be opened with `bypassCSP`. From now on everything that goes to a loudspeaker is kept, and every moment that the status line says. */
export const recordSound = async (page: Page): Promise<void> => {
  await page.evaluate((recorder) => {
    const module = URL.createObjectURL(new Blob([recorder], { type: 'text/javascript' }))
    const taps = new Map<BaseAudioContext, Tap & { node: Promise<AudioWorkletNode> }>()
    const said: Said[] = []
    Object.assign(window, { taps, said })
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode
    const tapOf = (context: AudioContext) => {
      const known = taps.get(context)
      if (known) return known
      const tap = { rate: context.sampleRate, blocks: [], clocks: [] } as Tap
      const node = context.audioWorklet.addModule(module).then(() => {
        const made = new AudioWorkletNode(context, 'tap', { outputChannelCount: [1] })
        made.port.onmessage = ({ data }) => tap.blocks.push(data as Tap['blocks'][number])
        connect.call(made, context.destination)
        return made
      })
      const clock = (): void => {
        const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp()
        if (performanceTime > 0 && context.state === 'running')
          tap.clocks.push({ context: contextTime, page: performanceTime })
      }
      setInterval(clock, 20)
      taps.set(context, { ...tap, node })
      return taps.get(context)!
    }
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
      if (to instanceof AudioDestinationNode)
        void tapOf(this.context as AudioContext).node.then((node) => connect.call(this, node))
      return connect.call(this, to)
    } as typeof AudioNode.prototype.connect
    const moment = document.querySelector('[data-testid="moment"]')!
    const read = (): void => {
      const text = moment.textContent.trim()
      const seconds = text.split(':').reduce((sum, part) => sum * 60 + Number(part.replace('−', '-')), 0)
      said.push({ at: performance.now(), seconds })
    }
    new MutationObserver(read).observe(moment, { characterData: true, childList: true, subtree: true })
  }, recorder)
}

/** What was kept so far, by the contexts' rates. */
export const playedSounds = async (page: Page): Promise<Map<number, PlayedSound>> => {
  const taps = await page.evaluate(() => {
    const text = (samples: Float32Array): string => {
      const bytes = new Uint8Array(samples.buffer)
      let all = ''
      for (let i = 0; i < bytes.length; i += 8192) all += String.fromCharCode(...bytes.subarray(i, i + 8192))
      return btoa(all)
    }
    const { taps } = window as unknown as { taps: Map<BaseAudioContext, Tap> }
    return [...taps.values()].map(({ rate, blocks, clocks }) => {
      const first = blocks[0]?.frame ?? 0
      const length = blocks.length > 0 ? blocks.at(-1)!.frame + 2048 - first : 0
      const channels = [0, 1].map((channel) => {
        const joined = new Float32Array(length)
        for (const block of blocks) joined.set(block.channels[channel]!, block.frame - first)
        return text(joined)
      })
      return { rate, first, channels, clocks }
    })
  })
  return new Map(
    taps.map(({ rate, first, channels, clocks }) => [
      rate,
      {
        rate,
        first,
        channels: channels.map((text) => {
          const bytes = new Uint8Array(Buffer.from(text, 'base64'))
          return new Float32Array(bytes.buffer)
        }),
        heardAt: (frame) => {
          const seconds = frame / rate
          const near = clocks.reduce((a, b) => (Math.abs(b.context - seconds) < Math.abs(a.context - seconds) ? b : a))
          return near.page + 1000 * (seconds - near.context)
        },
      },
    ]),
  )
}

export const saidMoments = (page: Page): Promise<Said[]> =>
  page.evaluate(() => (window as unknown as { said: Said[] }).said)

/** Forgets what was kept so far. */
export const forgetSound = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { taps, said } = window as unknown as { taps: Map<BaseAudioContext, Tap>; said: Said[] }
    said.length = 0
    for (const tap of taps.values()) tap.blocks.length = 0
  })
