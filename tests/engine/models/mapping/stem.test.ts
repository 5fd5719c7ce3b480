import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { timeOf } from '../../../../src/contract/grid.ts'
import type { SoundInput } from '../../../../src/contract/model.ts'
import { mappedWaveform } from '../../../../src/engine/models/families/mapped-waveform.ts'
import { leastSamples, stemGrid } from '../../../../src/engine/models/families/stem.ts'
import { frontEnd } from '../../../../src/engine/models/mapping/front-end.ts'
import { readStem } from '../../../../src/engine/models/mapping/stem.ts'
import { reading } from '../../../../src/engine/models/sites.ts'
import { readGraph } from '../../../../src/formats/onnx/read-graph.ts'
import {
  floats,
  integers,
  model,
  node,
  noise,
  runFile,
  sourceOf,
  tensor,
  value,
} from '../../../formats/onnx/build-model.ts'
import { temporary } from '../make-folder.ts'

/** Small graphs written by hand whose steps in time are known, because onnxruntime runs them or by counting. */

const parent = temporary()
afterAll(() => rmSync(parent, { recursive: true }))

interface Small {
  shape: (number | string)[]
  nodes: Uint8Array[]
  initializers?: Uint8Array[]
}

const bytesOf = ({ shape, nodes, initializers }: Small): Uint8Array =>
  model({ nodes, initializers: initializers ?? [], inputs: [value('x', 1, shape)], outputs: ['h'] })

/** The stem of a graph from `x` to `h`. */
const stemOf = (small: Small, sound: SoundInput) => {
  const source = sourceOf(bytesOf(small))
  const graph = readGraph(source)
  return readStem(reading(graph, source), graph.inputs[0]!, 'h', sound)
}

const weights = (name: string, shape: number[]) => floats(name, shape, noise(shape.reduce((n, size) => n * size, 1)))

const forms: Record<string, Small> = {
  'two convolutions, dilated, unevenly padded': {
    shape: [1, 1, 'n'],
    nodes: [
      node('Conv', ['x', 'a'], ['y'], { strides: [3], pads: [2, 1], dilations: [2], kernel_shape: [5] }),
      node('Conv', ['y', 'b'], ['h'], { strides: [2], kernel_shape: [4] }),
    ],
    initializers: [weights('a', [2, 1, 5]), weights('b', [2, 2, 4])],
  },
  'a kernel that only the weights show, and means of pairs': {
    shape: [1, 1, 'n'],
    nodes: [
      node('Conv', ['x', 'a'], ['y'], { strides: [5] }),
      node('AveragePool', ['y'], ['h'], { kernel_shape: [2], strides: [2] }),
    ],
    initializers: [weights('a', [2, 1, 7])],
  },
  'a positional convolution beside what it is added to': {
    shape: [1, 1, 'n'],
    nodes: [
      node('Conv', ['x', 'a'], ['y'], { strides: [4], kernel_shape: [8] }),
      node('Conv', ['y', 'b'], ['p'], { pads: [3, 3], kernel_shape: [7] }),
      node('Add', ['p', 'y'], ['h']),
    ],
    initializers: [weights('a', [2, 1, 8]), weights('b', [2, 2, 7])],
  },
  'padded by nodes, before it has channels and after': {
    shape: [1, 1, 'n'],
    nodes: [
      node('Pad', ['x', 'wide'], ['p']),
      node('Pad', ['p', 'late'], ['q']),
      node('Conv', ['q', 'a'], ['h'], { strides: [3], pads: [1, 0], kernel_shape: [5] }),
    ],
    initializers: [
      weights('a', [2, 1, 5]),
      integers('wide', [6], [0, 0, 2, 0, 0, 1]),
      integers('late', [6], [0, 0, 0, 0, 0, 1]),
    ],
  },
}

describe.each(Object.entries(forms))('%s', (name, small) => {
  const stem = stemOf(small, 'waveform').stem(0, 0)
  const path = join(parent, `${name}.onnx`)
  writeFileSync(path, bytesOf(small))
  const run = async (samples: Float32Array) =>
    (await runFile(path, { x: tensor([1, 1, samples.length], samples) })).get('h')!
  const grid = (samples: number) =>
    timeOf(stemGrid({ start: 0, step: 1, width: 1, count: samples, valid: samples }, samples, { stem }))

  test.each([40, 57, 100])('has as many steps of %i samples as onnxruntime makes', async (samples) => {
    expect(grid(samples).count).toBe((await run(noise(samples))).dims[2])
  })

  test('makes its first step of the fewest samples', async () => {
    const least = leastSamples({ stem })
    expect(grid(least).count).toBe(1)
    if (least > 1) expect(grid(least - 1).count).toBe(0)
    expect((await run(noise(least))).dims[2]).toBe(1)
  })

  test('a click moves those steps whose stretch holds it', async () => {
    const { start, step, width, count } = grid(100)
    const before = await run(new Float32Array(100))
    for (const at of [30, 31, 47, 60]) {
      const after = await run(new Float32Array(100).fill(1, at, at + 1))
      const moved = Array.from({ length: count }, (_, i) => i).filter((i) => after.data[i] !== before.data[i])
      for (const i of moved) expect(Math.abs(start + i * step - at), `${at} ${i}`).toBeLessThan(sees(name, width) / 2)
      expect(moved).toContain(Math.round((at - start) / step))
    }
  })
})

/** What is added from beside a step sees more. */
const sees = (name: string, width: number): number => (name.startsWith('a positional') ? width + 6 * 4 : width) + 1

const patchesAfter = (nodes: Uint8Array[], shape: (number | string)[] = [1, 1, 8, 32], channels = 1): Small => ({
  shape,
  nodes: [node('Conv', ['x', 'a'], ['y'], { strides: [4, 2], kernel_shape: [4, 4] }), ...nodes],
  initializers: [
    weights('a', [2, channels, 4, 4]),
    weights('token', [1, 1, 2]),
    weights('positions', [1, 33, 2]),
    integers('flat', [3], [1, 2, -1]),
  ],
})
const listed = [node('Reshape', ['y', 'flat'], ['f']), node('Transpose', ['f'], ['t'], { perm: [0, 2, 1] })]

describe('patches', () => {
  test('are bands of columns after special tokens', () => {
    const concat = node('Concat', ['token', 'token', 'token', 't'], ['c'], { axis: 1 })
    const found = stemOf(patchesAfter([...listed, concat, node('Add', ['c', 'positions'], ['h'])]), 'filter-bank')
    expect(found.picture).toEqual({ bands: 8, frames: 32, axes: ['mel', 'frame'] })
    const stem = found.stem(8, 32)
    expect(stem.patches).toEqual({ bands: 2, special: 3, mel: { first: 0, step: 4, size: 4 } })
    expect(stem.convolutions).toEqual([{ kernel: 4, stride: 2, dilation: 1, before: 0, after: 0 }])
    expect(() => found.stem(16, 64)).toThrow('has 33 positions, fewer than the 4 × 31 patches')
  })

  test('of a spectrogram that is turned first', () => {
    const turned = [
      node('Unsqueeze', ['s', 'one'], ['u']),
      node('Transpose', ['u'], ['x1'], { perm: [0, 1, 3, 2] }),
      node('Conv', ['x1', 'a'], ['h'], { strides: [4, 2], kernel_shape: [4, 4] }),
    ]
    const shape = [1, 32, 8]
    const cast = node('Cast', ['x'], ['s'], { to: 1 })
    const one = integers('one', [1], [1])
    const found = stemOf(
      { shape, nodes: [cast, ...turned], initializers: [weights('a', [2, 1, 4, 4]), one] },
      'log-mel',
    )
    expect(found.picture).toEqual({ bands: 8, frames: 32, axes: ['frame', 'mel'] })
  })

  test.each<[string, Small, string]>([
    [
      'listed column by column',
      patchesAfter([node('Transpose', ['y'], ['r'], { perm: [0, 1, 3, 2] }), node('Reshape', ['r', 'flat'], ['h'])]),
      'lists its patches column by column',
    ],
    [
      'before a token',
      patchesAfter([...listed, node('Concat', ['t', 'token'], ['h'], { axis: 1 })]),
      'puts tokens after',
    ],
    [
      'of a picture that stands',
      patchesAfter([node('Relu', ['y'], ['h'])], [1, 1, 32, 8]),
      'lists its patches column by column',
    ],
    ['of colours', patchesAfter([node('Relu', ['y'], ['h'])], [1, 3, 8, 32], 3), 'takes pictures of 3 channels'],
    [
      'in an order that does not show',
      patchesAfter([
        node('Shape', ['y'], ['s']),
        node('Transpose', ['y'], ['r'], { perm: [0, 2, 3, 1] }),
        node('Reshape', ['r', 's'], ['h']),
      ]),
      'in a way that does not show',
    ],
  ])('%s are refused', (_, small, sentence) => {
    expect(() => stemOf(small, 'filter-bank')).toThrow(sentence)
  })
})

test('bands are the channels of a convolution over time, in either order of axes', () => {
  const conv = (from: string) => node('Conv', [from, 'a'], ['h'], { kernel_shape: [3], pads: [1, 1] })
  const initializers = [weights('a', [2, 8, 3])]
  const straight = stemOf({ shape: ['b', 'm', 'n'], nodes: [conv('x')], initializers }, 'log-mel')
  expect(straight.picture).toEqual({ bands: 8, frames: undefined, axes: ['mel', 'frame'] })
  const turn = node('Transpose', ['x'], ['y'], { perm: [0, 2, 1] })
  const turned = stemOf({ shape: [1, 50, 8], nodes: [turn, conv('y')], initializers }, 'filter-bank')
  expect(turned.picture).toEqual({ bands: 8, frames: 50, axes: ['frame', 'mel'] })
  const reshaped = node('Reshape', ['x', 'to'], ['y'])
  expect(() =>
    stemOf(
      {
        shape: [1, 50, 8],
        nodes: [reshaped, conv('y')],
        initializers: [...initializers, integers('to', [3], [1, 8, 50])],
      },
      'log-mel',
    ),
  ).toThrow('which axes of x are bands and frames cannot be read')
})

/** Two convolutions over a plane of bands and frames, then what makes a sequence of it. */
const planes = (shape: (number | string)[], end: Uint8Array[]): Small => ({
  shape,
  nodes: [
    node('Unsqueeze', ['x', 'one'], ['u']),
    node('Conv', ['u', 'a'], ['y'], { strides: [2, 2], pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
    node('Conv', ['y', 'b'], ['z'], { strides: [2, 2], kernel_shape: [3, 2] }),
    ...end,
  ],
  initializers: [
    weights('a', [4, 1, 3, 3]),
    weights('b', [4, 4, 3, 2]),
    integers('one', [1], [1]),
    integers('flat', [3], [0, 0, -1]),
    integers('channels', [3], [1, -1, 4]),
    integers('bands', [3], [1, -1, 12]),
  ],
})
const turn = (perm: number[]) => node('Transpose', ['z'], ['t'], { perm })
const reshape = (to: string) => node('Reshape', ['t', to], ['h'])

describe('several convolutions over a plane', () => {
  // bands and frames, and time downwards
  const [lying, standing] = [
    [1, 16, 'n'],
    [1, 'n', 16],
  ]
  test.each<[string, Small, (number | string)[]]>([
    ['channels before bands', planes(lying, [turn([0, 3, 1, 2]), reshape('flat')]), ['mel', 'frame']],
    ['bands before channels', planes(lying, [turn([0, 3, 2, 1]), reshape('bands')]), ['mel', 'frame']],
    ['of a picture that stands', planes(standing, [turn([0, 2, 1, 3]), reshape('flat')]), ['frame', 'mel']],
  ])('make a step of a frame: %s', async (name, small, axes) => {
    const found = stemOf(small, 'log-mel')
    expect(found.picture).toEqual({ bands: 16, frames: undefined, axes })
    expect(found).toMatchObject({ hasPatches: false, step: 4 })
    const path = join(parent, `plane ${name}.onnx`)
    writeFileSync(path, bytesOf(small))
    for (const frames of [21, 22, 40]) {
      const shape = axes[0] === 'mel' ? [1, 16, frames] : [1, frames, 16]
      const made = (await runFile(path, { x: tensor(shape, noise(16 * frames)) })).get('h')!
      const features = { start: 0, step: 1, width: 1, count: frames, valid: frames }
      expect(timeOf(stemGrid(features, frames, { stem: found.stem(16, frames) })).count).toBe(made.dims[1])
    }
  })

  test('make a step of a place', () => {
    const small = planes([1, 16, 40], [turn([0, 2, 3, 1]), reshape('channels')])
    const found = stemOf(small, 'log-mel')
    // 8 × 20 after the first convolution, 3 × 10 after the second
    expect(found.stem(16, 40).patches).toEqual({ bands: 3, special: 0, mel: { first: -1, step: 4, size: 7 } })
    expect(found.stem(16, 40).convolutions.map(({ kernel }) => kernel)).toEqual([3, 2])
  })
})

test('a waveform of one length alone is filled up to it', () => {
  const nodes = [node('Conv', ['x', 'a'], ['h'])]
  const found = stemOf({ shape: [1, 1, 16000], nodes, initializers: [weights('a', [2, 1, 3])] }, 'waveform')
  expect(found.samples).toBe(16000)
  const { preprocessor, stem } = frontEnd({ input: 'waveform' }, found, {})
  const { encoder, features } = mappedWaveform.grids(8000, 2, preprocessor, { stem })
  expect([timeOf(encoder).count, timeOf(encoder).valid, features.count, features.valid]).toEqual([
    15998, 7999, 16000, 8000,
  ])
  expect(mappedWaveform.maxSeconds(preprocessor)).toBe(1)
  expect(mappedWaveform.mappedTo?.(preprocessor)).toBe(
    'a waveform at 16000 Hz, 1 s of it, brought to zero mean and unit variance',
  )
  const made = mappedWaveform.features(new Float32Array(8000).fill(0.5, 0, 4000), preprocessor)
  expect(made.shape).toEqual([16000])
  // of the sound alone, and silence after it
  expect([made.data[0], made.data[4000], made.data[8000]].map((x) => Number(x?.toFixed(3)))).toEqual([1, -1, 0])
  expect(() => frontEnd({ input: 'waveform', seconds: 1 }, found, {})).toThrow('its graph says how long')
})

test.each<[string, Uint8Array[], string]>([
  [
    'padding of channels',
    [node('Pad', ['x', 'pads'], ['p']), node('Conv', ['p', 'a'], ['h'])],
    'pads more than time and bands',
  ],
  [
    'padding that is worked out',
    [node('Shape', ['x'], ['s']), node('Pad', ['x', 's'], ['p']), node('Conv', ['p', 'a'], ['h'])],
    'has a Pad whose widths do not show',
  ],
  [
    'a plane after time',
    [node('Conv', ['x', 'a'], ['y']), node('Unsqueeze', ['y', 'pads'], ['z']), node('Conv', ['z', 'c'], ['h'])],
    'from convolutions over time to convolutions over a plane',
  ],
  [
    'steps put between others',
    [node('Conv', ['x', 'a'], ['y']), node('ConvTranspose', ['y', 'b'], ['h'])],
    'has ConvTranspose before its first layer',
  ],
  [
    'branches of unlike steps',
    [
      node('Conv', ['x', 'a'], ['y'], { strides: [2] }),
      node('Conv', ['x', 'a'], ['z'], { strides: [4] }),
      node('Concat', ['y', 'z'], ['h'], { axis: 2 }),
    ],
    'joins branches of unlike steps',
  ],
  ['no convolution', [node('Relu', ['x'], ['h'])], 'has no convolution between its input and its first layer'],
])('%s cannot be followed', (_, nodes, sentence) => {
  const initializers = [
    weights('a', [2, 1, 3]),
    weights('b', [2, 2, 3]),
    integers('pads', [6], [0, 1, 1, 0, 0, 0]),
    weights('c', [2, 2, 3, 3]),
  ]
  expect(() => stemOf({ shape: [1, 1, 'n'], nodes, initializers }, 'waveform')).toThrow(sentence)
})
