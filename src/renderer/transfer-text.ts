import type { PullProgress } from '../contract/hub.ts'
import { bytes } from './format.ts'

/** How far a download is, in words. */

/** "41 of 144 MB", both in the unit of the whole; "41 MB" where the whole is not known */
export const partText = (part: number, total: number | null): string => {
  if (!total) return bytes(part)
  const whole = bytes(total)
  const unit = whole.split(' ')[1] ?? ''
  const scale = total / Number(whole.split(' ')[0])
  const shown = part / scale
  const digits = whole.includes('.') ? 1 : 0
  return `${Math.min(shown, Number(whole.split(' ')[0])).toFixed(digits)} of ${whole.split(' ')[0]} ${unit}`
}

/** "32 s", "4 min", "1 h 12 min" */
export const durationText = (seconds: number): string => {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 90) return `${whole} s`
  const minutes = Math.round(whole / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** "41 of 144 MB · 3.2 MB/s · 32 s left"; what it waits for; which file is checked */
export const pullText = (progress: PullProgress): string => {
  const { stage, file, total, bytesPerSecond, secondsLeft, message } = progress
  const part = total > 0 ? partText(progress.bytes, total) : ''
  if (stage === 'look') return 'asking which files there are'
  if (stage === 'wait') return [message, part].filter(Boolean).join(' · ')
  if (stage === 'verify') return [part, `checking ${file || 'what came'} by its SHA-256`].filter(Boolean).join(' · ')
  const rate = bytesPerSecond === null ? '' : `${bytes(bytesPerSecond)}/s`
  const left = secondsLeft === null ? '' : `${durationText(secondsLeft)} left`
  return [part, rate, left].filter(Boolean).join(' · ')
}

export const pullShare = ({ bytes: done, total }: Pick<PullProgress, 'bytes' | 'total'>): number | null =>
  total > 0 ? Math.min(1, done / total) : null
