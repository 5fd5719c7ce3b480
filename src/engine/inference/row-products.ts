import type { RowProducts } from '../analysis/gram.ts'
import { createSession } from './session.ts'
import { smallGraph } from './small-graph.ts'

const [float, double] = [1, 11]

/** rows × othersᵀ, summed in float64: rows [row, width], others [other, width] → products [row, other]. */
const productBytes = (): Uint8Array =>
  smallGraph(
    [
      { operation: 'Cast', inputs: ['rows'], output: 'a', attributes: { to: double } },
      { operation: 'Cast', inputs: ['others'], output: 'b', attributes: { to: double } },
      { operation: 'Gemm', inputs: ['a', 'b'], output: 'sums', attributes: { transB: 1 } },
      { operation: 'Cast', inputs: ['sums'], output: 'products', attributes: { to: float } },
    ],
    ['rows', 'others'],
    'products',
  )

/** Scalar products of every row with every other, by onnxruntime: some 10 × as fast as JavaScript. */
export const createRowProducts = async (threads: number): Promise<{ of: RowProducts } & Disposable> => {
  const session = await createSession(productBytes(), { provider: 'cpu', threads })
  const feed = (data: Float32Array, width: number) => ({
    dtype: 'float32' as const,
    shape: [data.length / width, width],
    data,
  })
  return {
    of: async (rows, others, width) => {
      const { products } = await session.run({ rows: feed(rows, width), others: feed(others, width) })
      return products!.data
    },
    [Symbol.dispose]: () => session.release(),
  }
}
