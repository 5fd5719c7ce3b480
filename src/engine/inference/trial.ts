import { createKernel } from './kernel.ts'

/** [rows, width] × [width, keys]: some 0.6e9 multiply-adds, enough for many threads */
const [rows, width, keys] = [256, 768, 3072]
/** of the whole trial */
const milliseconds = 200

/**
 * Multiply-adds a second of softmax(query × key), the product of every attention layer: how fast this processor is now, whatever else
 * it does, so the mean of all rounds counts, but for the first, which takes the memory.
 */
export const tryProcessor = async (threads: number): Promise<number> => {
  using kernel = await createKernel(threads)
  const [query, key] = [new Float32Array(rows * width).fill(0.01), new Float32Array(width * keys).fill(0.01)]
  await kernel.weights(query, key, width)
  const began = performance.now()
  let [rounds, spent] = [0, 0]
  while (spent < milliseconds) {
    await kernel.weights(query, key, width)
    rounds++
    spent = performance.now() - began
  }
  return (1000 * rounds * rows * width * keys) / spent
}
