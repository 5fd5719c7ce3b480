import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { concat } from '../../../src/formats/concat.ts'
import { floats, graphField, node } from '../../formats/onnx/build-model.ts'

const source = fileURLToPath(new URL('../../golden/models/wav2vec2-sdpa-17', import.meta.url))

/**
 * A copy of a tiny Wav2Vec2 whose sound goes through sin(100000 x) first. So far from zero a GPU's sine is another function than the
 * CPU's: no standard asks it to be the same, and the results differ for real.
 */
export const writeUnlikeModel = (folder: string): string => {
  cpSync(source, folder, { recursive: true })
  const path = join(folder, 'onnx', 'model.onnx')
  const stock = readFileSync(path)
  // nodes come before inputs in the file: the first is what the first node reads
  stock.write('input_valueS', stock.indexOf('input_values'))
  // a message that appears twice is merged: these nodes join the graph's own
  const sine = graphField({
    nodes: [node('Mul', ['input_values', 'far'], ['scaled']), node('Sin', ['scaled'], ['input_valueS'])],
    initializers: [floats('far', [1], [1e5])],
    inputs: [],
    outputs: [],
  })
  writeFileSync(path, concat([stock, sine]))
  return folder
}
