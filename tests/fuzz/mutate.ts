/** Damaged copies of a file: what a bad disk, a cut transfer or a hostile hand leaves. The seed alone decides. */

export type Random = () => number

/** Mulberry32: 0 ≤ x < 1. */
export const random = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

type Mutation = (bytes: Buffer, next: Random) => Buffer

const place = (bytes: Buffer, next: Random): number => Math.floor(next() * bytes.length)

const flipBits: Mutation = (bytes, next) => {
  const out = Buffer.from(bytes)
  for (let i = 0; i < 1 + 8 * next(); i++) out[place(out, next)]! ^= 1 << Math.floor(8 * next())
  return out
}

const overwrite: Mutation = (bytes, next) => {
  const out = Buffer.from(bytes)
  const at = place(out, next)
  const value = [0, 0x7f, 0x80, 0xff][Math.floor(4 * next())]!
  return out.fill(value, at, Math.min(out.length, at + 1 + Math.floor(12 * next())))
}

const cut: Mutation = (bytes, next) => bytes.subarray(0, place(bytes, next))

const remove: Mutation = (bytes, next) => {
  const at = place(bytes, next)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(64 * next()))])
}

const insert: Mutation = (bytes, next) => {
  const at = place(bytes, next)
  const more = Buffer.from(Array.from({ length: 1 + Math.floor(32 * next()) }, () => Math.floor(256 * next())))
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}

const repeat: Mutation = (bytes, next) => {
  const at = place(bytes, next)
  const part = bytes.subarray(at, at + Math.floor(4096 * next()))
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)])
}

/** A name, a length or a number elsewhere in place of this one. */
const splice: Mutation = (bytes, next) => {
  const out = Buffer.from(bytes)
  const from = place(bytes, next)
  bytes.copy(out, place(out, next), from, from + 1 + Math.floor(24 * next()))
  return out
}

const mutations = [flipBits, overwrite, cut, remove, insert, repeat, splice]

export const mutated = (bytes: Buffer, next: Random): Buffer => {
  let out = bytes
  for (let i = 0; i < 1 + 2 * next() && out.length > 0; i++)
    out = mutations[Math.floor(mutations.length * next())]!(out, next)
  return out
}
