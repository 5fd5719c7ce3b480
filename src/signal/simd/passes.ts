import {
  add,
  load,
  loadSplat,
  multiply,
  Routine,
  shuffle,
  splat,
  store,
  storeLane,
  subtract,
  type Code,
} from './assembler.ts'

/**
 * The loops of an FFT of four real frames at once, one in each lane of a vector. Complex numbers lie as all real parts, then all imaginary
 * ones. The scheme is fft.ts's: Stockham passes over half as many complex numbers, then untangled.
 */

const lane = 16
type Complex = readonly [re: Code, im: Code]

const plus = (a: Complex, b: Complex): Complex => [add(a[0], b[0]), add(a[1], b[1])]
const minus = (a: Complex, b: Complex): Complex => [subtract(a[0], b[0]), subtract(a[1], b[1])]
/** a − i·b and a + i·b */
const minusTurned = (a: Complex, b: Complex): Complex => [add(a[0], b[1]), subtract(a[1], b[0])]
const plusTurned = (a: Complex, b: Complex): Complex => [subtract(a[0], b[1]), add(a[1], b[0])]
const times = (a: Complex, b: Complex): Complex => [
  subtract(multiply(a[0], b[0]), multiply(a[1], b[1])),
  add(multiply(a[0], b[1]), multiply(a[1], b[0])),
]
const kept = (routine: Routine, [re, im]: Complex): Complex => [routine.keep(re), routine.keep(im)]

/** The transform of four complex numbers, by sums and quarter turns. */
const fourOf = (routine: Routine, x: readonly Complex[]): Complex[] => {
  const [sum, differ] = [kept(routine, plus(x[0]!, x[2]!)), kept(routine, minus(x[0]!, x[2]!))]
  const [side, turn] = [kept(routine, plus(x[1]!, x[3]!)), kept(routine, minus(x[1]!, x[3]!))]
  return [plus(sum, side), minusTurned(differ, turn), minus(sum, side), plusTurned(differ, turn)]
}

/** The transform of eight: those of the even and of the odd ones, the odd ones turned by eighths. */
const eightOf = (routine: Routine, x: readonly Complex[]): Complex[] => {
  const even = fourOf(routine, [x[0]!, x[2]!, x[4]!, x[6]!]).map((one) => kept(routine, one))
  const odd = fourOf(routine, [x[1]!, x[3]!, x[5]!, x[7]!]).map((one) => kept(routine, one))
  const root = (k: number): Complex => [splat(Math.cos((Math.PI * k) / 4)), splat(-Math.sin((Math.PI * k) / 4))]
  const turned = odd.map((one, k) => (k === 0 ? one : kept(routine, times(one, root(k)))))
  return [...even.map((one, k) => plus(one, turned[k]!)), ...even.map((one, k) => minus(one, turned[k]!))]
}

export interface PassPlan {
  radix: 4 | 8
  stride: number
  count: number
  /** addresses of what is read, what is written, and the twiddles: for every p, cosine and sine of legs 1 … radix − 1 */
  from: number
  to: number
  twiddles: number
}

/** One pass over `size` complex numbers. */
export const passRoutine = (size: number, { radix, stride, count, from, to, twiddles }: PassPlan): Routine => {
  const [read, write, factor, end] = [0, 1, 2, 3]
  const routine = new Routine(4)
  const imaginary = size * lane
  const [leg, perTwiddle] = [stride * count * lane, 8 * (radix - 1)]
  const butterfly = (roots: Complex[]): void => {
    const numbers = Array.from({ length: radix }, (_, i): Complex => {
      const address = routine.integer(read)
      return kept(routine, [load(address, i * leg), load(address, i * leg + imaginary)])
    })
    const results = radix === 4 ? fourOf(routine, numbers) : eightOf(routine, numbers)
    for (const [i, result] of results.entries()) {
      const [re, im] = i > 0 && roots.length > 0 ? times(kept(routine, result), roots[i - 1]!) : result
      routine.do(store(routine.integer(write), i * stride * lane, re))
      routine.do(store(routine.integer(write), i * stride * lane + imaginary, im))
    }
  }
  routine.set(read, from)
  routine.set(write, to)
  routine.set(factor, twiddles)
  routine.repeat(factor, twiddles + count * perTwiddle, () => {
    // the last pass turns nothing
    const roots =
      count === 1
        ? []
        : Array.from({ length: radix - 1 }, (_, i): Complex => {
            const address = routine.integer(factor)
            return kept(routine, [loadSplat(address, 8 * i), loadSplat(address, 8 * i + 4)])
          })
    routine.copy(end, read)
    routine.move(end, stride * lane)
    routine.repeat(read, { variable: end }, () => {
      butterfly(roots)
      routine.move(read, lane)
      routine.move(write, lane)
    })
    routine.move(write, (radix - 1) * stride * lane)
    routine.move(factor, perTwiddle)
  })
  return routine
}

/** Four frames of `size` floats, one after another, times a window, to complex numbers: even samples real, odd ones imaginary. */
export const windowRoutine = (size: number, at: { frames: number; window: number; to: number }): Routine => {
  const [sample, weight, write] = [0, 1, 2]
  const routine = new Routine(3)
  const imaginary = (size / 2) * lane
  routine.set(sample, at.frames)
  routine.set(weight, at.window)
  routine.set(write, at.to)
  routine.repeat(weight, at.window + 4 * size, () => {
    const weights = routine.keep(load(routine.integer(weight)))
    const [a, b, c, d] = [0, 1, 2, 3].map((frame) =>
      routine.keep(multiply(load(routine.integer(sample), frame * 4 * size), weights)),
    ) as [Code, Code, Code, Code]
    // rows of samples to rows of frames
    const [ab01, ab23] = [routine.keep(shuffle(a, b, [0, 4, 1, 5])), routine.keep(shuffle(a, b, [2, 6, 3, 7]))]
    const [cd01, cd23] = [routine.keep(shuffle(c, d, [0, 4, 1, 5])), routine.keep(shuffle(c, d, [2, 6, 3, 7]))]
    const address = routine.integer(write)
    routine.do(store(address, 0, shuffle(ab01, cd01, [0, 1, 4, 5])))
    routine.do(store(address, imaginary, shuffle(ab01, cd01, [2, 3, 6, 7])))
    routine.do(store(address, lane, shuffle(ab23, cd23, [0, 1, 4, 5])))
    routine.do(store(address, imaginary + lane, shuffle(ab23, cd23, [2, 3, 6, 7])))
    routine.move(sample, 16)
    routine.move(weight, 16)
    routine.move(write, 2 * lane)
  })
  return routine
}

/** From the transform of the complex numbers to the power of size / 2 + 1 bins, frame after frame. `roots`: cosine and sine of half of every bin's turn, halved. */
export const powerRoutine = (size: number, at: { from: number; roots: number; power: number }): Routine => {
  const [low, high, root, outLow, outHigh] = [0, 1, 2, 3, 4]
  const routine = new Routine(5)
  const [half, bins] = [size / 2, size / 2 + 1]
  const imaginary = half * lane
  const put = (address: Code, value: Code): void => {
    for (let frame = 0; frame < 4; frame++) routine.do(storeLane(address, frame * 4 * bins, value, frame))
  }
  const square = ([re, im]: Complex): Code => routine.keep(add(multiply(re, re), multiply(im, im)))
  const complexAt = (address: number): Complex =>
    kept(routine, [load(routine.integer(address)), load(routine.integer(address), imaginary)])
  routine.set(low, at.from)
  routine.set(outLow, at.power)
  routine.set(outHigh, at.power + 4 * half)
  const [re, im] = complexAt(low)
  for (const [address, value] of [
    [outLow, add(re, im)],
    [outHigh, subtract(re, im)],
  ] as const) {
    const both = routine.keep(value)
    put(routine.integer(address), routine.keep(multiply(both, both)))
  }
  routine.set(low, at.from + lane)
  routine.set(high, at.from + (half - 1) * lane)
  routine.set(root, at.roots + 8)
  routine.move(outLow, 4)
  routine.move(outHigh, -4)
  routine.repeat(root, at.roots + 8 * (half / 2 + 1), () => {
    const [a, b] = [complexAt(low), complexAt(high)]
    const halved = splat(0.5)
    const even = kept(routine, [multiply(add(a[0], b[0]), halved), multiply(subtract(a[1], b[1]), halved)])
    const odd = kept(routine, [add(a[1], b[1]), subtract(b[0], a[0])])
    const turn = kept(routine, [loadSplat(routine.integer(root)), loadSplat(routine.integer(root), 4)])
    const turned = kept(routine, times(odd, turn))
    put(routine.integer(outLow), square(kept(routine, plus(even, turned))))
    put(routine.integer(outHigh), square(kept(routine, minus(even, turned))))
    routine.move(low, lane)
    routine.move(high, -lane)
    routine.move(root, 8)
    routine.move(outLow, 4)
    routine.move(outHigh, -4)
  })
  return routine
}
