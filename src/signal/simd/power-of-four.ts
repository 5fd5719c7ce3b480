import { assemble, type Routine } from './assembler.ts'
import { passRoutine, powerRoutine, windowRoutine, type PassPlan } from './passes.ts'

/** The power spectra of four real frames at once, in float32. Work space is used again: not re-entrant. */
export interface PowerOfFour {
  /** `size` samples of frame 0 … 3, to be filled */
  frames: readonly Float32Array[]
  /** size / 2 + 1 values of frame 0 … 3, there after `run` */
  powers: readonly Float32Array[]
  run(): void
}

const modules = new Map<number, WebAssembly.Module>()

/** `window` has as many weights as a frame samples: a power of two, 256 or more. */
export const createPowerOfFour = (window: Float64Array): PowerOfFour => {
  const size = window.length
  const [half, bins] = [size / 2, size / 2 + 1]
  let bytes = 0
  const place = (floats: number): number => {
    const address = bytes
    bytes += Math.ceil(floats / 4) * 16
    return address
  }
  const at = { window: place(size), frames: place(4 * size), power: place(4 * bins), roots: place(2 * bins) }
  const buffers = [place(8 * half), place(8 * half)] as const
  const plans: PassPlan[] = []
  for (let left = half, stride = 1; left > 1;) {
    const radix = left === 8 ? 8 : 4
    const count = left / radix
    const from = buffers[plans.length % 2]!
    const to = buffers[(plans.length + 1) % 2]!
    plans.push({ radix, stride, count, from, to, twiddles: place(2 * (radix - 1) * count) })
    left = count
    stride *= radix
  }
  const result = buffers[plans.length % 2]!
  const routines = (): Routine[] => [
    windowRoutine(size, { ...at, to: buffers[0] }),
    ...plans.map((plan) => passRoutine(half, plan)),
    powerRoutine(size, { ...at, from: result }),
  ]
  const pages = Math.ceil(bytes / 65_536)
  const memory = new WebAssembly.Memory({ initial: pages })
  const floats = (address: number, length: number): Float32Array => new Float32Array(memory.buffer, address, length)
  floats(at.window, size).set(window)
  floats(at.roots, 2 * bins).set(
    Array.from({ length: bins }, (_, k) => [
      Math.cos((2 * Math.PI * k) / size) / 2,
      -Math.sin((2 * Math.PI * k) / size) / 2,
    ]).flat(),
  )
  for (const { radix, count, twiddles } of plans) {
    const turn = (p: number, leg: number): number => (-2 * Math.PI * p * leg) / (radix * count)
    const legs = Array.from({ length: (radix - 1) * count }, (_, i) =>
      turn(Math.floor(i / (radix - 1)), 1 + (i % (radix - 1))),
    )
    floats(twiddles, 2 * legs.length).set(legs.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))
  }
  // its code knows the size and no window
  const module = modules.get(size) ?? new WebAssembly.Module(assemble(routines(), pages))
  modules.set(size, module)
  const { exports } = new WebAssembly.Instance(module, { host: { memory } })
  const steps = Array.from({ length: plans.length + 2 }, (_, i) => exports[String(i)] as () => void)
  const four = (address: number, length: number): Float32Array[] =>
    [0, 1, 2, 3].map((frame) => floats(address + 4 * frame * length, length))
  return {
    frames: four(at.frames, size),
    powers: four(at.power, bins),
    run: () => {
      for (const step of steps) step()
    },
  }
}
