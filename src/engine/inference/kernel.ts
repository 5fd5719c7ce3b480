import { concat } from '../../formats/concat.ts'
import { bytesField, integerField, textField } from '../../formats/onnx/encode.ts'
import { createSession, type Session } from './session.ts'

/** softmax(query × key) as a graph of two nodes: query [row, width], key [width, key] → weights [row, key]; opset 13, IR 8. */
const kernelBytes = (): Uint8Array => {
  const matrix = (field: number, name: string): Uint8Array => {
    const shape = bytesField(2, bytesField(1, textField(2, `${name}.0`)), bytesField(1, textField(2, `${name}.1`)))
    return bytesField(field, textField(1, name), bytesField(2, bytesField(1, integerField(1, 1), shape)))
  }
  const node = (operation: string, inputs: string[], output: string): Uint8Array =>
    bytesField(1, ...inputs.map((name) => textField(1, name)), textField(2, output), textField(4, operation))
  const graph = bytesField(
    7,
    node('MatMul', ['query', 'key'], 'scores'),
    node('Softmax', ['scores'], 'weights'),
    textField(2, 'attention'),
    matrix(11, 'query'),
    matrix(11, 'key'),
    matrix(12, 'weights'),
  )
  return concat([integerField(1, 8), graph, bytesField(8, textField(1, ''), integerField(2, 13))])
}

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
