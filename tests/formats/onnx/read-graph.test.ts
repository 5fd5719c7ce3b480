import { expect, test } from 'vitest'
import { concat } from '../../../src/formats/concat.ts'
import { bytesField, integerField, textField } from '../../../src/formats/onnx/encode.ts'
import { feeds, readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { smallValues } from '../../../src/formats/onnx/read-tensor.ts'
import * as build from './build-model.ts'

const { floats, graphField, integers, model, node, noise, sourceOf, value } = build

const parts = {
  nodes: [
    node('Constant', [], ['half'], { value: { tensor: floats('', [], [0.5]) } }),
    node('MatMul', ['x', 'w'], ['y'], {}),
    node('Transpose', ['y'], ['t'], { perm: [1, 0] }),
    node('Mul', ['t', 'half'], ['z']),
  ],
  initializers: [floats('w', [64, 64], noise(4096)), integers('shape', [2], [-1, 8])],
  inputs: [value('x', 1, ['batch', 64])],
  outputs: [value('z', 1, [64, 'batch'])],
}

test('reads nodes, attributes, inputs, outputs and who makes and uses what', () => {
  const graph = readGraph(sourceOf(model(parts)))
  expect(graph.irVersion).toBe(8)
  expect(graph.opsets.get('')).toBe(17)
  expect(graph.producer).toBe('tests')
  expect(graph.nodes.map((n) => n.opType)).toEqual(['Constant', 'MatMul', 'Transpose', 'Mul'])
  expect(graph.nodes[2]?.attributes.get('perm')).toEqual([1, 0])
  expect(graph.inputs).toMatchObject([{ name: 'x', dataType: 1, shape: ['batch', 64] }])
  expect(graph.outputs).toMatchObject([{ name: 'z', shape: [64, 'batch'] }])
  expect(graph.producers.get('y')?.opType).toBe('MatMul')
  expect(graph.consumers.get('y')?.map((n) => n.opType)).toEqual(['Transpose'])
})

test('knows where a weight lies and never reads it', () => {
  const source = sourceOf(model(parts))
  const graph = readGraph(source)
  const weight = graph.initializers.get('w')!
  expect(weight).toMatchObject({ dataType: 1, dims: [64, 64], raw: true, data: { length: 16384, location: null } })
  expect(source.readBytes).toBeLessThan(3000)
  const bytes = source.read(weight.data.offset, 8)
  expect(new Float32Array(bytes.slice().buffer)).toEqual(noise(2))
})

test('reads small halves, raw or as whole numbers that hold their bits', () => {
  const halves = (name: string, ...data: Uint8Array[]) =>
    concat([integerField(1, 2), integerField(2, 10), textField(8, name), ...data])
  const raw = halves('raw', bytesField(9, new Uint8Array(Uint16Array.of(0x3c00, 0xc100).buffer)))
  const typed = halves('typed', integerField(5, 0x3800), integerField(5, 0xbc00))
  const source = sourceOf(model({ ...parts, initializers: [...parts.initializers, raw, typed] }))
  const { initializers: read } = readGraph(source)
  expect(smallValues(source, read.get('raw')!)).toEqual([1, -2.5])
  expect(smallValues(source, read.get('typed')!)).toEqual([0.5, -1])
})

test('reads small values, raw or typed, of either kind', () => {
  const initializers = [
    ...parts.initializers,
    integers('raw', [2], [-1, 8]),
    build.typedIntegers('typed', [2], [-1, 8]),
    build.typedFloats('packed', [3], [1, 2, 3]),
    floats('large', [4096], noise(4096)),
  ]
  const source = sourceOf(model({ ...parts, initializers }))
  const { initializers: read } = readGraph(source)
  expect(smallValues(source, read.get('raw')!)).toEqual([-1, 8])
  expect(smallValues(source, read.get('typed')!)).toEqual([-1, 8])
  expect(smallValues(source, read.get('packed')!)).toEqual([1, 2, 3])
  expect(smallValues(source, read.get('large')!)).toBeUndefined()
  expect(read.get('typed')?.raw).toBe(false)
  expect(read.get('packed')).toMatchObject({ raw: true, data: { length: 12 } })
})

test('reads where external data lies', () => {
  const initializers = [build.externalFloats('w', [64, 64], 'weights.bin', 4096)]
  const graph = readGraph(sourceOf(model({ ...parts, initializers })))
  expect(graph.initializers.get('w')?.data).toEqual({ offset: 4096, length: 16384, location: 'weights.bin' })
})

test('merges a graph that is written twice, as protobuf does', () => {
  const more = graphField({ nodes: [], inputs: [], outputs: ['y'] })
  const graph = readGraph(sourceOf(concat([model(parts), more])))
  expect(graph.nodes).toHaveLength(4)
  expect(graph.outputs.map((output) => output.name)).toEqual(['z', 'y'])
})

test('an input that an initialiser gives a value need not be fed', () => {
  const graph = readGraph(sourceOf(model({ ...parts, inputs: [...parts.inputs, value('w', 1, [64, 64])] })))
  expect(feeds(graph).map((input) => input.name)).toEqual(['x'])
})

test('says what is wrong with bytes that are no model', () => {
  const bytes = (text: string) => sourceOf(new TextEncoder().encode(text))
  expect(() => readGraph(bytes(''))).toThrow('it is empty')
  expect(() => readGraph(bytes('<!DOCTYPE html><html></html>'))).toThrow('it is a web page')
  expect(() => readGraph(bytes('version https://git-lfs.github.com/spec/v1\noid sha256:'))).toThrow('Git LFS pointer')
  expect(() => readGraph(bytes('not a model at all'))).toThrow('its bytes are no ONNX model')
  expect(() => readGraph(sourceOf(noiseBytes(5000)))).toThrow('its bytes are no ONNX model')
  expect(() => readGraph(sourceOf(concat([integerField(1, 8), textField(2, 'x')])))).toThrow('no ONNX model')
})

test('says so wherever a model is cut off', () => {
  const whole = model(parts)
  for (let length = 40; length < whole.length; length += 97)
    expect(() => readGraph(sourceOf(whole.subarray(0, length)))).toThrow('cut short or damaged')
})

test('puts nodes in the order they run, otherwise as they come', () => {
  const nodes = [
    node('Add', ['late', 'x'], ['sum']),
    node('Relu', ['x'], ['other']),
    node('Mul', ['later', 'x'], ['late']),
    node('Cast', ['x'], ['later'], { to: 1 }),
    node('Sub', ['sum', 'other'], ['y']),
  ]
  const graph = readGraph(sourceOf(model({ ...parts, nodes })))
  expect(graph.nodes.map((n) => n.opType)).toEqual(['Cast', 'Mul', 'Add', 'Relu', 'Sub'])
  expect(graph.consumers.get('x')?.map((n) => n.opType)).toEqual(['Cast', 'Mul', 'Add', 'Relu'])
})

test('refuses nodes that need one another in a circle', () => {
  const nodes = [node('Relu', ['b'], ['a']), node('Relu', ['a'], ['b'])]
  expect(() => readGraph(sourceOf(model({ ...parts, nodes })))).toThrow('its node Relu needs its own result')
  const own = [node('Add', ['x', 'y'], ['y'])]
  expect(() => readGraph(sourceOf(model({ ...parts, nodes: own })))).toThrow('its node Add needs its own result')
})

const noiseBytes = (count: number): Uint8Array => Uint8Array.from(noise(count, 7), (v) => 128 + 127 * v)
