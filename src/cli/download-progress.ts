import type { CopyProgress } from '../contract/host.ts'
import type { PullProgress } from '../contract/hub.ts'
import { plain } from './terminal.ts'

/** Progress of a download on stderr: a bar on a terminal, else one line per stage and file. */
export interface DownloadProgress {
  part(progress: PullProgress): void
  /** ends the bar, so that the next line starts at the left */
  end(): void
}

/** A copy from disk to disk has the same bar and no rate. */
type Shown = Omit<PullProgress, 'stage'> & { stage: PullProgress['stage'] | 'copy' }

const words: Record<Shown['stage'], string> = {
  copy: 'copying',
  look: 'looking',
  download: 'downloading',
  wait: 'waiting',
  verify: 'verifying',
}

const barWidth = 20

export const createDownloadProgress = (
  subject: string,
  stream: NodeJS.WriteStream = process.stderr,
): DownloadProgress => createBar(subject, stream)

export const createCopyProgress = (
  subject: string,
  stream: NodeJS.WriteStream = process.stderr,
): { part(progress: CopyProgress): void; end(): void } => {
  const { part, end } = createBar(subject, stream)
  return {
    part: (progress) => part({ ...progress, stage: 'copy', bytesPerSecond: null, secondsLeft: null, message: '' }),
    end,
  }
}

const createBar = (subject: string, stream: NodeJS.WriteStream): { part(progress: Shown): void; end(): void } => {
  let shown = ''
  const line = (progress: Shown): void => {
    const { stage, file, message } = progress
    const now = `${words[stage]} ${plain(message || file)}`.trim()
    if (now === shown) return
    shown = now
    stream.write(`${plain(subject)}: ${now}${progress.total > 0 ? ` (${amount(progress)})` : ''}\n`)
  }
  const bar = (progress: Shown): void => {
    const { bytes, total, stage, file, message } = progress
    const filled = total > 0 ? Math.round((barWidth * Math.min(bytes, total)) / total) : 0
    const drawn = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    shown = `${drawn} ${amount(progress)}${pace(progress)} ${words[stage]} ${plain(message || file)}`
    // a line that wraps would be drawn again below itself
    stream.write(`\r\u001b[K${shown.slice(0, Math.max(20, (stream.columns || 80) - 1))}`)
  }
  return {
    part: stream.isTTY ? bar : line,
    end: () => {
      if (stream.isTTY && shown) stream.write('\r\u001b[K')
      shown = ''
    },
  }
}

const amount = ({ bytes, total }: Shown): string => `${megabytes(bytes)} of ${megabytes(total)}`

const pace = ({ bytesPerSecond, secondsLeft }: Shown): string =>
  (bytesPerSecond === null ? '' : `, ${megabytes(bytesPerSecond)}/s`) +
  (secondsLeft === null ? '' : `, ${left(secondsLeft)}`)

const left = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`

/** "3.5 MB", "1.94 GB": as the hub and the system's own tools count, in powers of ten */
export const megabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
