import { residentBytes } from '../../src/engine/jobs/resident-bytes.ts'

/** Times pairs side by side, so that whatever else the machine does weighs on both; what is printed is their ratio. */

export interface Comparison {
  /** medians, in milliseconds or whatever was compared */
  ours: number
  baseline: number
  /** median of ours / baseline of each round: below 1 is less than the baseline */
  ratio: number
}

type Work = () => unknown

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN]
  return (low + high) / 2
}

/** The most bytes this process has held. What the system says of its `maxRSS` on Linux is never less than what its parent held when it was started. */
export const peakBytes = (): number => residentBytes(process.pid, true) ?? process.resourceUsage().maxRSS * 1024

export const milliseconds = async (work: Work): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Measures both in turn, the first of a round changing each time; what either gives first is not counted. */
export const inTurn = async (
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
  rounds = 9,
): Promise<Comparison> => {
  const pairs: [number, number][] = []
  await ours()
  await baseline()
  for (let round = 0; round < rounds; round++) {
    const early = round % 2 === 0 ? await ours() : NaN
    const other = await baseline()
    pairs.push([round % 2 === 0 ? early : await ours(), other])
  }
  return compare(pairs)
}

export const compare = (pairs: readonly (readonly [number, number])[]): Comparison => ({
  ours: median(pairs.map(([ours]) => ours)),
  baseline: median(pairs.map(([, baseline]) => baseline)),
  ratio: median(pairs.map(([ours, baseline]) => ours / baseline)),
})

/** Milliseconds of two pieces of work. */
export const times = (ours: Work, baseline: Work, rounds?: number): Promise<Comparison> =>
  inTurn(
    () => milliseconds(ours),
    () => milliseconds(baseline),
    rounds,
  )

export interface Row extends Comparison {
  what: string
  against: string
  unit?: string
}

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

export const printTable = (rows: readonly Row[]): void => {
  const cells = rows.map(({ what, against, unit = 'ms', ours, baseline, ratio }) => [
    ratio.toFixed(2),
    what,
    `${figure(ours)} ${unit}`,
    against,
    `${figure(baseline)} ${unit}`,
  ])
  const all = [['ratio', 'what', 'ours', 'against', 'baseline'], ...cells]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  for (const row of all)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
}
