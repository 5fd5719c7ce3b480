import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, InferenceSession } from 'onnxruntime-node'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { ProviderId } from '../../../src/contract/run.ts'
import { compiledProviders, createSession, type SessionOptions } from '../../../src/engine/inference/session.ts'
import { model, node, value } from '../../formats/onnx/build-model.ts'
import { testNeeding } from '../../support/needs.ts'
import { useWebgpu } from '../../support/webgpu.ts'

/** Every way in which onnxruntime-node 1.30 is known to go on with the CPU in silence, or without what it was told: none of it here. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-fall-backs-'))
afterAll(() => rmSync(folder, { recursive: true }))
useWebgpu()

const square = { inputs: [value('x', 1, [4, 4])], outputs: [value('y', 1, ['a', 'b'])] }
const sum = model({ nodes: [node('Add', ['x', 'x'], ['y'])], ...square })
/** a determinant: the CPU has a kernel for it, and no accelerator */
const determinant = model({ nodes: [node('Det', ['x'], ['y'])], ...square, outputs: [value('y', 1, [])] })
const mixed = model({
  nodes: [node('Add', ['x', 'x'], ['a']), node('Det', ['a'], ['d']), node('Mul', ['a', 'd'], ['y'])],
  ...square,
})
const feed = { x: { dtype: 'float32' as const, shape: [4, 4], data: Float32Array.from({ length: 16 }, (_, i) => i) } }

const session = (graph: Uint8Array, provider: ProviderId, options: Partial<SessionOptions> = {}) =>
  createSession(graph, { provider, threads: 1, profileFolder: folder, ...options })

describe('a provider that this build does not hold', () => {
  const absent = (['dml', 'coreml', 'cuda', 'tensorrt', 'nope'] as const).filter(
    (id) => !compiledProviders().includes(id),
  )

  test.each(absent.filter((id) => id !== 'cuda' && id !== 'tensorrt'))(
    '%s would be dropped without an error by onnxruntime itself, and is refused here',
    async (id) => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
      const dropped = await InferenceSession.create(sum, { executionProviders: [id, 'cpu'] })
      warned.mockRestore()
      expect(dropped.outputNames).toEqual(['y'])
      await dropped.release()
      await expect(session(sum, id as ProviderId)).rejects.toMatchObject({
        code: 'no-provider',
        message: expect.stringContaining(id),
      })
    },
  )

  test('CUDA without its library is refused, as onnxruntime itself does', async () => {
    if (!absent.includes('cuda')) return expect(compiledProviders()).toContain('cuda')
    env.logLevel = 'fatal'
    await expect(InferenceSession.create(sum, { executionProviders: ['cuda', 'cpu'] })).rejects.toThrow()
    await expect(session(sum, 'cuda')).rejects.toMatchObject({ code: 'no-provider' })
  })
})

describe('where the nodes of a graph ran', () => {
  test('is counted from the profile, which is not left behind', async () => {
    using opened = await session(mixed, 'cpu')
    expect(opened.nodes).toEqual({})
    await opened.run(feed)
    expect(opened.nodes).toEqual({ cpu: 3 })
    await opened.run(feed)
    expect(opened.nodes).toEqual({ cpu: 3 })
    expect(readdirSync(folder)).toEqual([])
  })

  test('is not asked of a session that never ran, nor of a graph that cannot be loaded', async () => {
    const opened = await session(sum, 'cpu')
    opened.release()
    expect(opened.nodes).toEqual({})
    await expect(session(new Uint8Array(5), 'cpu')).rejects.toMatchObject({ code: 'bad-model' })
    // refused before there is a session that could be profiled, as by a provider whose library does not load
    await expect(session(sum, 'cpu', { threads: -1 })).rejects.toMatchObject({ code: 'bad-model' })
    expect(readdirSync(folder)).toEqual([])
  })

  testNeeding('webgpu')('is said of both where an accelerator leaves some to the CPU', async () => {
    using opened = await session(mixed, 'webgpu')
    await opened.run(feed)
    expect(opened.nodes.cpu).toBe(1)
    // and the copies to and fro that onnxruntime adds
    expect(opened.nodes.webgpu).toBeGreaterThanOrEqual(2)
  })

  testNeeding('webgpu')('is refused where an accelerator was accepted and ran none of them', async () => {
    using opened = await session(determinant, 'webgpu')
    await expect(opened.run(feed)).rejects.toMatchObject({
      code: 'no-provider',
      message: 'webgpu was accepted but ran none of the 1 nodes',
    })
  })

  testNeeding('webgpu')('may not be the CPU at all where that is forbidden', async () => {
    await expect(session(mixed, 'webgpu', { strict: true })).rejects.toMatchObject({
      code: 'no-provider',
      message: expect.stringContaining('explicitly disabled'),
    })
    using opened = await session(sum, 'webgpu', { strict: true })
    await opened.run(feed)
    expect(opened.nodes).toEqual({ webgpu: 1 })
  })
})

testNeeding('webgpu')(
  'a graph that fails on an accelerator is no-provider, where on the CPU it is the graph',
  async () => {
    const inputs = [value('x', 1, ['a', 'b']), value('z', 1, ['c', 'd'])]
    const product = model({ nodes: [node('MatMul', ['x', 'z'], ['y'])], inputs, outputs: [value('y', 1, ['a', 'd'])] })
    const unfit = { ...feed, z: { dtype: 'float32' as const, shape: [3, 1], data: new Float32Array(3) } }
    using accelerated = await session(product, 'webgpu')
    await expect(accelerated.run(unfit)).rejects.toMatchObject({
      code: 'no-provider',
      message: expect.stringContaining('failed on webgpu'),
    })
    using plain = await session(product, 'cpu')
    await expect(plain.run(unfit)).rejects.toMatchObject({ code: 'bad-model' })
  },
)

describe('options that onnxruntime-node takes and does not heed', () => {
  test('free dimensions stay free, whatever is set for them', async () => {
    const free = model({
      nodes: [node('Add', ['x', 'x'], ['y'])],
      inputs: [value('x', 1, ['a', 'b'])],
      outputs: [value('y', 1, ['a', 'b'])],
    })
    const opened = await InferenceSession.create(free, { freeDimensionOverrides: { a: 2, b: 2 }, logSeverityLevel: 4 })
    const [input] = opened.inputMetadata
    expect(input?.isTensor && input.shape).toEqual(['a', 'b'])
    await opened.release()
  })

  test('neither they nor terminate are relied upon: a run is ended by ending its process', () => {
    const source = readFileSync(new URL('../../../src/engine/inference/session.ts', import.meta.url), 'utf8')
    expect(source).not.toMatch(/freeDimensionOverrides|terminate\b/)
  })
})
