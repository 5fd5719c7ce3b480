import type { PullProgress } from '../contract/hub.ts'
import { plain } from './terminal.ts'

/** Progress of a download on stderr: a bar on a terminal, else one line per stage and file. */
export interface DownloadProgress {
  part(progress: PullProgress): void
  /** ends the bar, so that the next line starts at the left */
  end(): void
}

const words: Record<PullProgress['stage'], string> = {
  look: 'looking',
  download: 'downloading',
  wait: 'waiting',
  verify: 'verifying',
}

const barWidth = 20

export const createDownloadProgress = (
  subject: string,
  stream: NodeJS.WriteStream = process.stderr,
): DownloadProgress => {
  let shown = ''
  const line = (progress: PullProgress): void => {
    const { stage, file, message } = progress
    const now = `${words[stage]} ${plain(message || file)}`.trim()
    if (now === shown) return
    shown = now
    stream.write(`${plain(subject)}: ${now} (${amount(progress)})\n`)
  }
  const bar = (progress: PullProgress): void => {
    const { bytes, total, stage, file, message } = progress
    const filled = total > 0 ? Math.round((barWidth * Math.min(bytes, total)) / total) : 0
    const drawn = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    shown = `${drawn} ${amount(progress)}${pace(progress)} ${words[stage]} ${plain(message || file)}`
    // a line that wraps would be drawn again below itself
    stream.write(`\r\u001b[K${shown.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`)
  }
  return {
    part: stream.isTTY ? bar : line,
    end: () => {
      if (stream.isTTY && shown) stream.write('\r\u001b[K')
      shown = ''
    },
  }
}

const amount = ({ bytes, total }: PullProgress): string => `${megabytes(bytes)} of ${megabytes(total)}`

const pace = ({ bytesPerSecond, secondsLeft }: PullProgress): string =>
  (bytesPerSecond === null ? '' : `, ${megabytes(bytesPerSecond)}/s`) +
  (secondsLeft === null ? '' : `, ${left(secondsLeft)}`)

const left = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`

/** "3.5 MB", "1.94 GB": as the hub and the system's own tools count, in powers of ten */
export const megabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
