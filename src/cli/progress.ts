import type { RunProgress } from '../contract/run.ts'
import { plain } from './terminal.ts'

/** Progress on stderr: a bar on a terminal, else one line per stage. */
export interface Progress {
  part(progress: RunProgress): void
  /** ends the bar, so that the next line starts at the left */
  end(): void
}

const words: Record<RunProgress['stage'], string> = {
  waiting: 'waiting',
  decode: 'decoding',
  load: 'loading the model',
  features: 'computing features',
  compare: 'comparing the device with the CPU',
  prove: 'trying its taps on a sound',
  encode: 'running the encoder',
  token: 'generating tokens',
  decoder: 'running the decoder',
  store: 'storing',
}

const barWidth = 20

/** `subject` says what is worked on: "whisper-tiny on thunder.mp3". */
export const createProgress = (subject: string, stream: NodeJS.WriteStream = process.stderr): Progress => {
  const name = plain(subject)
  let shown: string | null = null
  const line = ({ stage, total, window }: RunProgress): void => {
    if (window) {
      // of hundreds of windows a line each, and not one for every stage of each
      const text = `window ${window.number} of ${window.count}`
      if (text !== shown) stream.write(`${name}: ${text}\n`)
      shown = text
      return
    }
    if (stage === shown) return
    shown = stage
    stream.write(`${name}: ${words[stage]}${total > 1 && stage === 'token' ? ` (at most ${total})` : ''}\n`)
  }
  const bar = ({ stage, done, total, window }: RunProgress): void => {
    shown = stage
    const filled = total > 0 ? Math.round((barWidth * Math.min(done, total)) / total) : 0
    const drawn = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    const count = total > 1 ? ` ${done} of ${total}` : ''
    const at = window ? `, window ${window.number} of ${window.count}` : ''
    stream.write(`\r\u001b[K${drawn} ${name}${at}: ${words[stage]}${count}`)
  }
  return {
    part: stream.isTTY ? bar : line,
    end: () => {
      if (stream.isTTY && shown) stream.write('\r\u001b[K')
      shown = null
    },
  }
}
