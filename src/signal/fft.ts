/** FFT of real frames, any length whose only prime factors are 2, 3 and 5 (Whisper needs 400). */
export interface RealFft {
  readonly size: number
  /** squared magnitudes of the ⌊size/2⌋ + 1 bins of `frame` into `out` */
  power(frame: Float64Array, out: Float64Array): void
  /** the ⌊size/2⌋ + 1 bins of `frame`, unscaled, e^(−i…) convention, into `real` and `imaginary` */
  transform(frame: Float64Array, real: Float64Array, imaginary: Float64Array): void
}

/**
 * One pass of the Stockham scheme: `count` butterflies of `radix` legs, `stride` apart. Twiddles as [p, leg] pairs;
 * the roots of unity of one butterfly are used by odd radices alone.
 */
interface Pass {
  radix: number
  stride: number
  count: number
  cos: Float64Array
  sin: Float64Array
  rootCos: Float64Array
  rootSin: Float64Array
}

/** Throws a RangeError where `size` is not a positive integer made of 2, 3 and 5. Work space is reused: not re-entrant. */
export const createRealFft = (size: number): RealFft => {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`FFT size must be a positive integer: ${size}`)
  if (!isSmooth(size)) throw new RangeError(`FFT size must have no prime factor but 2, 3 and 5: ${size}`)
  const bins = Math.floor(size / 2) + 1
  const real = new Float64Array(bins)
  const imaginary = new Float64Array(bins)
  const run = size % 2 === 0 ? packed(size) : plain(size)
  const transform: RealFft['transform'] = (frame, re, im) => {
    expectLength('frame', frame, size)
    expectLength('real', re, bins)
    expectLength('imaginary', im, bins)
    run(frame, re, im)
  }
  const power: RealFft['power'] = (frame, out) => {
    expectLength('frame', frame, size)
    expectLength('out', out, bins)
    run(frame, real, imaginary)
    for (let k = 0; k < bins; k++) out[k] = real[k]! * real[k]! + imaginary[k]! * imaginary[k]!
  }
  return { size, power, transform }
}

const isSmooth = (size: number): boolean => size === 1 || [2, 3, 5].some((r) => size % r === 0 && isSmooth(size / r))

const expectLength = (name: string, array: Float64Array, length: number): void => {
  if (array.length !== length) throw new RangeError(`FFT ${name} must hold ${length} values, not ${array.length}`)
}

/** Odd sizes: a complex transform with a zero imaginary part. */
const plain = (size: number): RealFft['transform'] => {
  const complex = createComplexFft(size)
  return (frame, re, im) => {
    complex.re.set(frame)
    complex.im.fill(0)
    const result = complex.run()
    re.set(result.re.subarray(0, re.length))
    im.set(result.im.subarray(0, im.length))
  }
}

/** Even sizes: even samples as real and odd ones as imaginary part of a transform of half the length, then untangled. */
const packed = (size: number): RealFft['transform'] => {
  const half = size / 2
  const complex = createComplexFft(half)
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size))
  return (frame, re, im) => {
    for (let i = 0; i < half; i++) {
      complex.re[i] = frame[2 * i]!
      complex.im[i] = frame[2 * i + 1]!
    }
    const z = complex.run()
    for (let k = 0; k <= half; k++) {
      const a = k % half
      const b = (half - k) % half
      const evenRe = (z.re[a]! + z.re[b]!) / 2
      const evenIm = (z.im[a]! - z.im[b]!) / 2
      const oddRe = (z.im[a]! + z.im[b]!) / 2
      const oddIm = (z.re[b]! - z.re[a]!) / 2
      re[k] = evenRe + cos[k]! * oddRe - sin[k]! * oddIm
      im[k] = evenIm + cos[k]! * oddIm + sin[k]! * oddRe
    }
  }
}

/** Fill `re` and `im`, then `run()`: the transform comes back in one of two pairs of work arrays. */
export const createComplexFft = (size: number) => {
  const passes = planPasses(size)
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  const spare = { re: new Float64Array(size), im: new Float64Array(size) }
  const run = (): { re: Float64Array; im: Float64Array } => {
    let from = { re, im }
    let to = spare
    for (const pass of passes) {
      const butterfly = pass.radix === 4 ? radix4 : pass.radix === 2 ? radix2 : radixAny
      butterfly(pass, from.re, from.im, to.re, to.im)
      ;[from, to] = [to, from]
    }
    return from
  }
  return { re, im, run }
}

const planPasses = (size: number): Pass[] => {
  const passes: Pass[] = []
  for (let left = size, stride = 1; left > 1;) {
    const radix = [4, 2, 3].find((r) => left % r === 0) ?? 5
    const count = left / radix
    const angle = (i: number) => (-2 * Math.PI * Math.floor(i / radix) * (i % radix)) / left
    const cos = Float64Array.from({ length: left }, (_, i) => Math.cos(angle(i)))
    const sin = Float64Array.from({ length: left }, (_, i) => Math.sin(angle(i)))
    const rootCos = Float64Array.from({ length: radix }, (_, k) => Math.cos((2 * Math.PI * k) / radix))
    const rootSin = Float64Array.from({ length: radix }, (_, k) => -Math.sin((2 * Math.PI * k) / radix))
    passes.push({ radix, stride, count, cos, sin, rootCos, rootSin })
    left = count
    stride *= radix
  }
  return passes
}

type Butterfly = (pass: Pass, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array) => void

const radix2: Butterfly = ({ stride, count, cos, sin }, xr, xi, yr, yi) => {
  for (let p = 0; p < count; p++) {
    const c = cos[2 * p + 1]!
    const s = sin[2 * p + 1]!
    for (let q = 0; q < stride; q++) {
      const a = q + stride * p
      const b = a + stride * count
      const to = q + stride * 2 * p
      const dr = xr[a]! - xr[b]!
      const di = xi[a]! - xi[b]!
      yr[to] = xr[a]! + xr[b]!
      yi[to] = xi[a]! + xi[b]!
      yr[to + stride] = dr * c - di * s
      yi[to + stride] = dr * s + di * c
    }
  }
}

const radix4: Butterfly = ({ stride, count, cos, sin }, xr, xi, yr, yi) => {
  const leg = stride * count
  for (let p = 0; p < count; p++) {
    const [c1, c2, c3] = [cos[4 * p + 1]!, cos[4 * p + 2]!, cos[4 * p + 3]!]
    const [s1, s2, s3] = [sin[4 * p + 1]!, sin[4 * p + 2]!, sin[4 * p + 3]!]
    for (let q = 0; q < stride; q++) {
      const a = q + stride * p
      const sumR = xr[a]! + xr[a + 2 * leg]!
      const sumI = xi[a]! + xi[a + 2 * leg]!
      const differR = xr[a]! - xr[a + 2 * leg]!
      const differI = xi[a]! - xi[a + 2 * leg]!
      const sideR = xr[a + leg]! + xr[a + 3 * leg]!
      const sideI = xi[a + leg]! + xi[a + 3 * leg]!
      const turnR = xi[a + leg]! - xi[a + 3 * leg]! // −i · (x1 − x3)
      const turnI = xr[a + 3 * leg]! - xr[a + leg]!
      const to = q + stride * 4 * p
      yr[to] = sumR + sideR
      yi[to] = sumI + sideI
      put(yr, yi, to + stride, differR + turnR, differI + turnI, c1, s1)
      put(yr, yi, to + 2 * stride, sumR - sideR, sumI - sideI, c2, s2)
      put(yr, yi, to + 3 * stride, differR - turnR, differI - turnI, c3, s3)
    }
  }
}

/** y[to] = (r + i·m) · (c + i·s) */
const put = (yr: Float64Array, yi: Float64Array, to: number, r: number, m: number, c: number, s: number): void => {
  yr[to] = r * c - m * s
  yi[to] = r * s + m * c
}

/** Radix 3 and 5 by the definition: few enough legs that nothing cleverer pays. */
const radixAny: Butterfly = (pass, xr, xi, yr, yi) => {
  const { radix, stride, count, cos, sin, rootCos, rootSin } = pass
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < stride; q++) {
      for (let j = 0; j < radix; j++) {
        let r = 0
        let m = 0
        for (let k = 0, turn = 0; k < radix; k++) {
          const from = q + stride * (p + k * count)
          r += xr[from]! * rootCos[turn]! - xi[from]! * rootSin[turn]!
          m += xr[from]! * rootSin[turn]! + xi[from]! * rootCos[turn]!
          turn = turn + j < radix ? turn + j : turn + j - radix
        }
        put(yr, yi, q + stride * (radix * p + j), r, m, cos[radix * p + j]!, sin[radix * p + j]!)
      }
    }
  }
}
