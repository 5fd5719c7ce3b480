import { createSession, type Session } from './session.ts'
import { smallGraph } from './small-graph.ts'

/** softmax(query × key) as a graph of two nodes: query [row, width], key [width, key] → weights [row, key]. */
const kernelBytes = (): Uint8Array =>
  smallGraph(
    [
      { operation: 'MatMul', inputs: ['query', 'key'], output: 'scores' },
      { operation: 'Softmax', inputs: ['scores'], output: 'weights' },
    ],
    ['query', 'key'],
    'weights',
  )

/** Attention weights of a block of query rows of one head. */
export interface Kernel extends Disposable {
  /** `query` [rows, width], `key` [width, keys] → [rows, keys] */
  weights(query: Float32Array, key: Float32Array, width: number): Promise<Float32Array>
}

export const createKernel = async (threads: number): Promise<Kernel> => {
  const session: Session = await createSession(kernelBytes(), { provider: 'cpu', threads })
  return {
    weights: async (query, key, width) => {
      const feeds = {
        query: { dtype: 'float32' as const, shape: [query.length / width, width], data: query },
        key: { dtype: 'float32' as const, shape: [width, key.length / width], data: key },
      }
      const { weights } = await session.run(feeds)
      return weights!.data
    },
    [Symbol.dispose]: () => session.release(),
  }
}
