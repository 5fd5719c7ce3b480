/**
 * Just enough of WebAssembly's binary format to write the inner loops of the STFT with 128-bit vectors, which JavaScript does not have:
 * one memory, functions without parameters. Opcodes are those of the specification, version 2.0 (§5.4).
 */

/** Instructions that leave one value on the stack, or none. */
export type Code = readonly number[]

const unsigned = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)])
const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)]
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content]
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)]
/** an address and what is added to it; alignment is a hint, and 2^2 always true */
const at = (offset: number): number[] => [2, ...unsigned(offset)]

export const add = (a: Code, b: Code): Code => [...a, ...b, ...vector(228)]
export const subtract = (a: Code, b: Code): Code => [...a, ...b, ...vector(229)]
export const multiply = (a: Code, b: Code): Code => [...a, ...b, ...vector(230)]
/** four floats from memory */
export const load = (address: Code, offset = 0): Code => [...address, ...vector(0), ...at(offset)]
/** one float from memory, four times */
export const loadSplat = (address: Code, offset = 0): Code => [...address, ...vector(9), ...at(offset)]
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...vector(11),
  ...at(offset),
]
/** one of the four floats to memory */
export const storeLane = (address: Code, offset: number, value: Code, lane: number): Code => [
  ...address,
  ...value,
  ...vector(90),
  ...at(offset),
  lane,
]
/** floats number `lanes` of the eight of a and b */
export const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [
  ...a,
  ...b,
  ...vector(13),
  ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
]
/** 1 in all four lanes times a number */
export const splat = (value: number): Code => {
  const bytes = [...new Uint8Array(Float32Array.of(value).buffer)]
  return [...vector(12), ...bytes, ...bytes, ...bytes, ...bytes]
}

const [i32, v128] = [0x7f, 0x7b]

/** A function that is being written: its variables, and its instructions in order. */
export class Routine {
  readonly #integers: number
  #vectors = 0
  readonly #code: number[] = []

  /** `integers`: how many variables for addresses it has, numbered from 0 */
  constructor(integers: number) {
    this.#integers = integers
  }

  do(code: Code): void {
    // a spread of a long program would overflow the stack
    for (const byte of code) this.#code.push(byte)
  }
  /** an address */
  integer(variable: number): Code {
    return [0x20, variable]
  }
  set(variable: number, value: number): void {
    this.do([0x41, ...signed(value), 0x21, variable])
  }
  move(variable: number, by: number): void {
    this.do([0x20, variable, 0x41, ...signed(by), 0x6a, 0x21, variable])
  }
  copy(to: number, from: number): void {
    this.do([0x20, from, 0x21, to])
  }
  /** a new variable of four floats; to be read as often as wanted */
  keep(value: Code): Code {
    const variable = unsigned(this.#integers + this.#vectors++)
    this.do([...value, 0x21, ...variable])
    return [0x20, ...variable]
  }
  /** `body` at least once, and again while `variable` is below `end`, or below another variable */
  repeat(variable: number, end: number | { variable: number }, body: () => void): void {
    this.do([0x03, 0x40])
    body()
    const limit = typeof end === 'number' ? [0x41, ...signed(end)] : [0x20, end.variable]
    this.do([0x20, variable, ...limit, 0x48, 0x0d, 0x00, 0x0b])
  }
  bytes(): number[] {
    const variables = list([
      [...unsigned(this.#integers), i32],
      [...unsigned(this.#vectors), v128],
    ])
    const body = [...variables, ...this.#code, 0x0b]
    return [...unsigned(body.length), ...body]
  }
}

/** A module of functions without parameters, exported as "0", "1" …, over the memory `host.memory` that it is given. */
export const assemble = (routines: readonly Routine[], pages: number): Uint8Array<ArrayBuffer> => {
  const text = (word: string): number[] => list([...word].map((letter) => [letter.charCodeAt(0)]))
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, 0, 0]])),
    ...section(2, list([[...text('host'), ...text('memory'), 2, 0, ...unsigned(pages)]])),
    ...section(3, list(routines.map(() => [0]))),
    ...section(7, list(routines.map((_, i) => [...text(String(i)), 0, ...unsigned(i)]))),
    ...section(10, list(routines.map((routine) => routine.bytes()))),
  ])
}
