import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { cut, skeleton } from '../../../src/formats/onnx/skeleton.ts'
import * as build from './build-model.ts'

const { floats, model, node, noise, runFile, sourceOf, tensor, value } = build

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'otoscope-skeleton-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** x·a → h → relu → r, r·b → y, with a second, unneeded input u. */
const parts = {
  nodes: [
    node('MatMul', ['x', 'a'], ['h']),
    node('Add', ['h', 'bias'], ['r']),
    node('MatMul', ['r', 'b'], ['s']),
    node('Add', ['s', 'u'], ['y']),
  ],
  initializers: [
    floats('a', [32, 32], noise(1024, 1)),
    floats('bias', [32], noise(32, 2)),
    build.typedFloats('b', [32, 32], noise(1024, 3)),
  ],
  inputs: [value('x', 1, ['n', 32]), value('u', 1, ['n', 32])],
  outputs: [value('y', 1, ['n', 32])],
}
const feeds = { x: tensor([2, 32], noise(64, 4)), u: tensor([2, 32], noise(64, 5)) }

const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

const stock = model(parts)
const read = (bytes: Uint8Array) => ({ source: sourceOf(bytes), graph: readGraph(sourceOf(bytes)) })
const weightsFile = (location: string | null): string => location ?? 'stock.onnx'

test('a skeleton gives the stock results bit for bit, and the tensors asked for', async () => {
  const { graph, source } = read(stock)
  const expected = await runFile(put('stock.onnx', stock), feeds)
  const bytes = skeleton(graph, source, { outputs: ['h', 'r'], weightsFile })
  const results = await runFile(put('skeleton.onnx', bytes), feeds)
  expect([...results.keys()]).toEqual(['y', 'h', 'r'])
  expect(results.get('y')?.data).toEqual(expected.get('y')?.data)
  expect(results.get('h')?.dims).toEqual([2, 32])
})

test('a skeleton points at large weights, raw or packed, and keeps small ones', () => {
  const { graph, source } = read(stock)
  const bytes = skeleton(graph, source, { outputs: [], weightsFile })
  expect(stock.length).toBeGreaterThan(8192)
  expect(bytes.length).toBeLessThan(1000)
  const { initializers } = readGraph(sourceOf(bytes))
  expect(initializers.get('a')?.data.location).toBe('stock.onnx')
  expect(initializers.get('b')?.data.location).toBe('stock.onnx')
  expect(initializers.get('bias')?.data.location).toBeNull()
})

test('names that are outputs already, or asked for twice, are not repeated', () => {
  const { graph, source } = read(stock)
  const bytes = skeleton(graph, source, { outputs: ['y', 'h', 'h'], weightsFile })
  expect(readGraph(sourceOf(bytes)).outputs.map((output) => output.name)).toEqual(['y', 'h'])
})

test('a stock model with external data keeps pointing there', async () => {
  put('weights.bin', build.bytesOfFloats(noise(1024, 1)))
  const [, bias, b] = parts.initializers
  const external = model({ ...parts, initializers: [build.externalFloats('a', [32, 32], 'weights.bin', 0), bias!, b!] })
  const { graph, source } = read(external)
  const locations: (string | null)[] = []
  const bytes = skeleton(graph, source, {
    outputs: [],
    weightsFile: (location) => {
      locations.push(location)
      return weightsFile(location)
    },
  })
  expect(locations).toEqual(['weights.bin', null])
  const expected = await runFile(put('stock.onnx', external), feeds)
  const results = await runFile(put('skeleton.onnx', bytes), feeds)
  expect(results.get('y')?.data).toEqual(expected.get('y')?.data)
})

test('a cut runs from a given tensor and needs nothing before it', async () => {
  const { graph, source } = read(stock)
  put('stock.onnx', stock)
  const whole = await runFile(put('all.onnx', skeleton(graph, source, { outputs: ['h', 's'], weightsFile })), feeds)
  const inputs = [{ name: 'h', dataType: 1, shape: ['n', 'width'] }]
  const made = cut(graph, source, { inputs, outputs: ['s'], weightsFile })
  expect(made.inputs).toMatchObject([{ name: 'h', shape: ['n', 'width'] }])
  expect(readGraph(sourceOf(made.bytes)).initializers.has('a')).toBe(false)
  const results = await runFile(put('cut.onnx', made.bytes), { h: whole.get('h')! })
  expect(results.get('s')?.data).toEqual(whole.get('s')?.data)
})

test('a cut takes an input of unknown rank', async () => {
  const { graph, source } = read(stock)
  put('stock.onnx', stock)
  const inputs = [{ name: 'h', dataType: 1, shape: null }]
  const made = cut(graph, source, { inputs, outputs: ['r'], weightsFile })
  const results = await runFile(put('cut.onnx', made.bytes), { h: tensor([1, 32], new Float32Array(32)) })
  expect(results.get('r')?.data).toEqual(noise(32, 2))
})

test('a cut lists the graph inputs it still reaches, and leaves out a given tensor it does not', () => {
  const { graph, source } = read(stock)
  const given = (...names: string[]) => names.map((name) => ({ name, dataType: 1, shape: null }))
  const reach = (inputs: string[], outputs: string[]) =>
    cut(graph, source, { inputs: given(...inputs), outputs, weightsFile }).inputs.map((input) => input.name)
  expect(reach(['r'], ['y'])).toEqual(['r', 'u'])
  expect(reach([], ['h'])).toEqual(['x'])
  expect(reach(['h', 'r'], ['s'])).toEqual(['r'])
})

test('a tensor that no node makes cannot be exposed or cut to', () => {
  const { graph, source } = read(stock)
  expect(() => skeleton(graph, source, { outputs: ['nowhere'], weightsFile })).toThrow(
    'no node makes the tensor nowhere',
  )
  const inputs = [{ name: 'h', dataType: 1, shape: null }]
  expect(() => cut(graph, source, { inputs, outputs: ['h'], weightsFile })).toThrow('no cut makes the tensor h')
  expect(() => cut(graph, source, { inputs, outputs: ['x'], weightsFile })).toThrow('no cut makes the tensor x')
})

test('a node with an inner graph is exposed as any other, and refused in a cut', () => {
  const branches = { then_branch: { graph: new Uint8Array(0) }, else_branch: { graph: new Uint8Array(0) } }
  const nodes = [node('If', ['x'], ['h'], branches), ...parts.nodes.slice(1)]
  const { graph, source } = read(model({ ...parts, nodes }))
  expect(skeleton(graph, source, { outputs: ['h'], weightsFile }).length).toBeGreaterThan(0)
  expect(() => cut(graph, source, { inputs: [], outputs: ['r'], weightsFile })).toThrow('h is made by If')
})
