import type { Verdict } from '../../contract/run.ts'
import { reading } from '../format.ts'

/** "3.1 × faster than the CPU", "5.2 × slower than the CPU" */
export const ratioText = ({ cpu, provider }: Verdict['seconds']): string => {
  if (!(cpu > 0) || !(provider > 0)) return 'not measured'
  const ratio = cpu / provider
  if (ratio > 0.95 && ratio < 1.05) return 'as fast as the CPU'
  return ratio > 1
    ? `${reading(round(ratio))} × faster than the CPU`
    : `${reading(round(1 / ratio))} × slower than the CPU`
}

const round = (ratio: number): number => Number(ratio.toPrecision(2))

/** The newest verdict of each provider. */
export const newestOf = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter((one, i) => verdicts.findIndex((other) => other.provider === one.provider) === i)

/** Where an error lies between a billionth, where float32 ends, and what is allowed: 0 … 1 on a logarithmic scale. */
export const errorShare = (error: number, limit: number): number => {
  if (Number.isNaN(error)) return 1
  const share = (Math.log10(error) + 9) / (Math.log10(limit) + 9)
  return Math.min(1, Math.max(0, share))
}
