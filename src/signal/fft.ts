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
  const { transform, power } = size % 2 === 0 ? packed(size) : plain(size)
  return {
    size,
    transform: (frame, re, im) => {
      expectLength('frame', frame, size)
      expectLength('real', re, bins)
      expectLength('imaginary', im, bins)
      transform(frame, re, im)
    },
    power: (frame, out) => {
      expectLength('frame', frame, size)
      expectLength('out', out, bins)
      power(frame, out)
    },
  }
}

const isSmooth = (size: number): boolean => size === 1 || [2, 3, 5].some((r) => size % r === 0 && isSmooth(size / r))

const expectLength = (name: string, array: Float64Array, length: number): void => {
  if (array.length !== length) throw new RangeError(`FFT ${name} must hold ${length} values, not ${array.length}`)
}

type Transforms = Pick<RealFft, 'transform' | 'power'>

/** Odd sizes: a complex transform with a zero imaginary part. */
const plain = (size: number): Transforms => {
  const complex = createComplexFft(size)
  const run = (frame: Float64Array): { re: Float64Array; im: Float64Array } => {
    complex.re.set(frame)
    complex.im.fill(0)
    return complex.run()
  }
  return {
    transform: (frame, re, im) => {
      const result = run(frame)
      re.set(result.re.subarray(0, re.length))
      im.set(result.im.subarray(0, im.length))
    },
    power: (frame, out) => {
      const result = run(frame)
      for (let k = 0; k < out.length; k++) out[k] = result.re[k]! ** 2 + result.im[k]! ** 2
    },
  }
}

/**
 * Even sizes: even samples as real and odd ones as imaginary part of a transform of half the length, then untangled: bin k and bin
 * half − k have the same two values to be made of. Both loops do that in the same way; a shared one would be half as fast.
 */
const packed = (size: number): Transforms => {
  const half = size / 2
  const complex = createComplexFft(half)
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size) / 2)
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size) / 2)
  const run = (frame: Float64Array): { re: Float64Array; im: Float64Array } => {
    const { re, im } = complex
    for (let i = 0; i < half; i++) {
      re[i] = frame[2 * i]!
      im[i] = frame[2 * i + 1]!
    }
    return complex.run()
  }
  return {
    transform: (frame, outRe, outIm) => {
      const { re, im } = run(frame)
      outRe[0] = re[0]! + im[0]!
      outRe[half] = re[0]! - im[0]!
      outIm[0] = 0
      outIm[half] = 0
      for (let k = 1, m = half - 1; k <= m; k++, m--) {
        const evenRe = (re[k]! + re[m]!) / 2
        const evenIm = (im[k]! - im[m]!) / 2
        const oddRe = im[k]! + im[m]!
        const oddIm = re[m]! - re[k]!
        const turnedRe = cos[k]! * oddRe - sin[k]! * oddIm
        const turnedIm = cos[k]! * oddIm + sin[k]! * oddRe
        outRe[k] = evenRe + turnedRe
        outIm[k] = evenIm + turnedIm
        outRe[m] = evenRe - turnedRe
        outIm[m] = turnedIm - evenIm
      }
    },
    power: (frame, out) => {
      const { re, im } = run(frame)
      out[0] = (re[0]! + im[0]!) ** 2
      out[half] = (re[0]! - im[0]!) ** 2
      for (let k = 1, m = half - 1; k <= m; k++, m--) {
        const evenRe = (re[k]! + re[m]!) / 2
        const evenIm = (im[k]! - im[m]!) / 2
        const oddRe = im[k]! + im[m]!
        const oddIm = re[m]! - re[k]!
        const turnedRe = cos[k]! * oddRe - sin[k]! * oddIm
        const turnedIm = cos[k]! * oddIm + sin[k]! * oddRe
        const lowRe = evenRe + turnedRe
        const lowIm = evenIm + turnedIm
        const highRe = evenRe - turnedRe
        const highIm = evenIm - turnedIm
        out[k] = lowRe * lowRe + lowIm * lowIm
        out[m] = highRe * highRe + highIm * highIm
      }
    },
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
      const butterfly = butterflies[pass.radix] ?? radixAny
      butterfly(pass, from.re, from.im, to.re, to.im)
      const swapped = from
      from = to
      to = swapped
    }
    return from
  }
  return { re, im, run }
}

const planPasses = (size: number): Pass[] => {
  const passes: Pass[] = []
  for (let left = size, stride = 1; left > 1;) {
    const radix = left === 8 ? 8 : ([4, 2, 3].find((r) => left % r === 0) ?? 5)
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
    const c1 = cos[4 * p + 1]!
    const c2 = cos[4 * p + 2]!
    const c3 = cos[4 * p + 3]!
    const s1 = sin[4 * p + 1]!
    const s2 = sin[4 * p + 2]!
    const s3 = sin[4 * p + 3]!
    for (let a = stride * p, to = 4 * stride * p; a < stride * (p + 1); a++, to++) {
      const b = a + leg
      const c = b + leg
      const d = c + leg
      const sumR = xr[a]! + xr[c]!
      const sumI = xi[a]! + xi[c]!
      const differR = xr[a]! - xr[c]!
      const differI = xi[a]! - xi[c]!
      const sideR = xr[b]! + xr[d]!
      const sideI = xi[b]! + xi[d]!
      const turnR = xi[b]! - xi[d]! // −i · (x1 − x3)
      const turnI = xr[d]! - xr[b]!
      yr[to] = sumR + sideR
      yi[to] = sumI + sideI
      put(yr, yi, to + stride, differR + turnR, differI + turnI, c1, s1)
      put(yr, yi, to + 2 * stride, sumR - sideR, sumI - sideI, c2, s2)
      put(yr, yi, to + 3 * stride, differR - turnR, differI - turnI, c3, s3)
    }
  }
}

/** The last pass alone, which has no twiddles. */
const radix8: Butterfly = ({ stride }, xr, xi, yr, yi) => {
  for (let a = 0; a < stride; a++) {
    const b = a + stride
    const c = b + stride
    const d = c + stride
    const e = d + stride
    const f = e + stride
    const g = f + stride
    const h = g + stride
    // legs four apart, summed for even and differing for odd results
    const s0r = xr[a]! + xr[e]!
    const s0i = xi[a]! + xi[e]!
    const s1r = xr[b]! + xr[f]!
    const s1i = xi[b]! + xi[f]!
    const s2r = xr[c]! + xr[g]!
    const s2i = xi[c]! + xi[g]!
    const s3r = xr[d]! + xr[h]!
    const s3i = xi[d]! + xi[h]!
    const d0r = xr[a]! - xr[e]!
    const d0i = xi[a]! - xi[e]!
    const d1r = xr[b]! - xr[f]!
    const d1i = xi[b]! - xi[f]!
    const d2r = xr[c]! - xr[g]!
    const d2i = xi[c]! - xi[g]!
    const d3r = xr[d]! - xr[h]!
    const d3i = xi[d]! - xi[h]!
    yr[a] = s0r + s2r + (s1r + s3r)
    yi[a] = s0i + s2i + (s1i + s3i)
    yr[e] = s0r + s2r - (s1r + s3r)
    yi[e] = s0i + s2i - (s1i + s3i)
    yr[c] = s0r - s2r + (s1i - s3i)
    yi[c] = s0i - s2i - (s1r - s3r)
    yr[g] = s0r - s2r - (s1i - s3i)
    yi[g] = s0i - s2i + (s1r - s3r)
    // e^(−iπ/4) · (d1 − i·d3) and its like: sums of the two, turned by an eighth
    const nearR = Math.SQRT1_2 * (d1r + d1i + (d3i - d3r))
    const nearI = Math.SQRT1_2 * (d1i - d1r - (d3r + d3i))
    const farR = Math.SQRT1_2 * (d1i - d1r + (d3r + d3i))
    const farI = Math.SQRT1_2 * (d3i - d3r - (d1r + d1i))
    yr[b] = d0r + d2i + nearR
    yi[b] = d0i - d2r + nearI
    yr[f] = d0r + d2i - nearR
    yi[f] = d0i - d2r - nearI
    yr[d] = d0r - d2i + farR
    yi[d] = d0i + d2r + farI
    yr[h] = d0r - d2i - farR
    yi[h] = d0i + d2r - farI
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

const butterflies: Record<number, Butterfly> = { 2: radix2, 4: radix4, 8: radix8 }
