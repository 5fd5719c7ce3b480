import { EngineError } from '../../contract/errors.ts'
import type { Tensor } from '../../contract/tensor.ts'
import { addProducts, type ValueProducts } from '../analysis/value-weights.ts'
import { writeCut } from '../models/skeleton-file.ts'
import { valuePath, type ValuePath } from '../models/value-path.ts'
import { namingVariant } from '../models/variants.ts'
import { createPace } from '../pace.ts'
import type { Kernel } from './kernel.ts'
import { eachBlock } from './query-map.ts'
import { runCut, type CutOptions, type FoundSite, type Operands } from './query-site.ts'
import type { RowProducts } from '../analysis/gram.ts'
import { createSession, type Values } from './session.ts'

/** A site with what its values add: its weights, and the lengths of its projected values. */
export interface ValuedSite {
  operands: Operands
  products: ValueProducts
  bytes: number
}

interface Tools extends CutOptions {
  kernel: Kernel
  products: RowProducts
}

/** Projected values are held for this many keys at a time. */
const blockKeys = 128

/**
 * Reads a site's values and its output projection from the graph. Throws `bad-model`, with what still works, where they do not show,
 * or where the parts do not add up to what the layer computes.
 */
export const loadValues = async (found: FoundSite, tools: Tools): Promise<ValuedSite> => {
  const path = valuePath(found.graph, found.site)
  if (!path) throw refusal(found, 'its values and the projection after them do not show in the graph')
  return valuedSite(found, path, tools).catch((error: unknown) => {
    throw namingVariant(error, found.model.card)
  })
}

const refusal = ({ model, site }: FoundSite, why: string): EngineError =>
  new EngineError(
    'bad-model',
    `layer ${site.layer} of ${model.card.id} cannot be weighed by its values: ${why}; raw weights and rollout can be shown`,
  )

const valuedSite = async (found: FoundSite, path: ValuePath, tools: Tools): Promise<ValuedSite> => {
  const { operands, results } = await runCut(found, [path.values, path.output], tools)
  const values = perHead(results[path.values]!, operands)
  if (!values) throw refusal(found, `${operands.heads} heads share ${results[path.values]!.shape.join(' × ')} values`)
  const projection = await readProjection(found, path, operands.heads * values.width, tools)
  const own = { values, projection, operands }
  if (!(await addsUp(own, results[path.output]!, tools.kernel)))
    throw refusal(found, 'they do not add up to what the layer computes')
  const products = await productsOf(own, tools.products)
  const bytes = operands.bytes + products.norms.byteLength + products.pairs.byteLength
  return { operands, products, bytes }
}

/** [head, key, width] */
interface HeadValues {
  width: number
  data: Float32Array
}
/** [heads · width, size], and the bias */
interface Projection {
  size: number
  weight: Float32Array
  bias: Float32Array
}
interface Parts {
  operands: Operands
  values: HeadValues
  projection: Projection
}

/** Values by head, whatever axes the graph has them in; undefined where there are not as many heads as weights have. */
const perHead = ({ shape, data }: Values, { heads, keys }: Operands): HeadValues | undefined => {
  const width = data.length / heads / keys
  if (!Number.isInteger(width)) return undefined
  const sizes = shape.filter((size, i) => i > 0 || size !== 1).join()
  if (sizes === [heads, keys, width].join() || (heads === 1 && sizes === [keys, width].join())) return { width, data }
  if (sizes !== [keys, heads * width].join()) return undefined
  const parted = new Float32Array(data.length)
  for (let head = 0; head < heads; head++)
    for (let key = 0; key < keys; key++) {
      const from = (key * heads + head) * width
      parted.set(data.subarray(from, from + width), (head * keys + key) * width)
    }
  return { width, data: parted }
}

/** What the projection makes of the unit vectors is its weight, and of nothing its bias: whatever operator it is. */
const readProjection = async (
  { graph }: FoundSite,
  { input, output }: ValuePath,
  rows: number,
  { workFolder, threads }: CutOptions,
): Promise<Projection> => {
  const cut = writeCut(graph, workFolder, [input], [output])
  const units: Pick<Tensor, 'dtype' | 'shape' | 'data'> = {
    dtype: 'float32',
    shape: [rows + 1, rows],
    data: new Float32Array((rows + 1) * rows),
  }
  for (let i = 0; i < rows; i++) units.data[i * rows + i] = 1
  using session = await createSession(cut.path, { provider: 'cpu', threads })
  const { data } = (await session.run({ [input]: units }, [output]))[output]!
  const size = data.length / (rows + 1)
  const bias = data.slice(rows * size)
  const weight = data.subarray(0, rows * size).map((value, i) => value - bias[i % size]!)
  return { size, weight, bias }
}

/** The graph's own result may be rounded to some 8 bits on the way; heads in another order would be off by as much as it is. */
const tolerance = 0.1

/** Whether Σ_h Σ_k α v W of one query, and the bias, are what the layer's projection gives. */
const addsUp = async ({ operands, values, projection }: Parts, own: Values, kernel: Kernel): Promise<boolean> => {
  const { heads, queries, keys } = operands
  const { size, weight, bias } = projection
  if (own.data.length !== queries * size) return false
  const query = queries >> 1
  const sum = Float64Array.from(bias)
  for (let head = 0; head < heads; head++)
    await eachBlock(kernel, operands, head, [query, query + 1], (weights) => {
      for (let w = 0; w < values.width; w++) {
        let mixed = 0
        for (let key = 0; key < keys; key++)
          mixed += weights[key]! * values.data[(head * keys + key) * values.width + w]!
        for (let i = 0; i < size; i++) sum[i]! += mixed * weight[(head * values.width + w) * size + i]!
      }
    })
  let [error, length] = [0, 0]
  for (let i = 0; i < size; i++) {
    const wanted = own.data[query * size + i]!
    error += (sum[i]! - wanted) ** 2
    length += (wanted - bias[i]!) ** 2
  }
  return error <= tolerance ** 2 * length
}

const productsOf = async ({ operands, values, projection }: Parts, products: RowProducts): Promise<ValueProducts> => {
  const { heads, keys } = operands
  const { width, data } = values
  const { size, weight } = projection
  const turned = Array.from({ length: heads }, (_, head) => transposed(weight, [head * width, width], size))
  const found: ValueProducts = {
    heads,
    norms: new Float32Array(heads * keys),
    pairs: new Float32Array(((heads * (heads + 1)) / 2) * keys),
  }
  const pace = createPace()
  for (let first = 0; first < keys; first += blockKeys) {
    const end = Math.min(keys, first + blockKeys)
    const projected: Float32Array[] = []
    for (const [head, columns] of turned.entries()) {
      await pace()
      projected.push(
        await products(data.subarray((head * keys + first) * width, (head * keys + end) * width), columns, width),
      )
    }
    addProducts(projected, size, found, first)
  }
  return found
}

/** Rows [from, from + count) of a matrix of `size` columns, as [size, count]. */
const transposed = (matrix: Float32Array, [from, count]: [number, number], size: number): Float32Array => {
  const result = new Float32Array(size * count)
  for (let row = 0; row < count; row++)
    for (let column = 0; column < size; column++) result[column * count + row] = matrix[(from + row) * size + column]!
  return result
}
