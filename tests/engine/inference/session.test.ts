import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { model, node, value } from '../../formats/onnx/build-model.ts'
import { compiledProviders, createSession, onnxruntimeVersion } from '../../../src/engine/inference/session.ts'

/** y = x + x over float32 [1, 4] */
const sum = Buffer.from(
  'CAg6PQoOCgF4CgF4EgF5IgNBZGQSAWdaEwoBeBIOCgwIARIICgIIAQoCCARiEwoBeRIOCgwIARIICgIIAQoCCARCBAoAEA0=',
  'base64',
)
const folder = mkdtempSync(join(tmpdir(), 'otoscope-session-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const cpu = { provider: 'cpu', threads: 1 } as const
const x = { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, -4) } as const
const feed = { ...x, shape: [...x.shape] }

describe('a session', () => {
  test('runs a graph from a file and says what it takes and gives', async () => {
    using session = await createSession(file('sum.onnx', sum), cpu)
    expect(session.provider).toBe('cpu')
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [1, 4] }])
    expect(session.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [1, 4] }])
    const { y } = await session.run({ x: feed })
    expect(y).toEqual({ dtype: 'float32', shape: [1, 4], data: Float32Array.of(2, 4, 6, -8) })
  })

  test('takes and gives float32 where the graph works in float16', async () => {
    const half = model({
      nodes: [node('Add', ['x', 'x'], ['y'])],
      inputs: [value('x', 10, [1, 4])],
      outputs: ['y'],
    })
    using session = await createSession(half, cpu)
    expect([session.inputs[0]?.dtype, session.outputs[0]?.dtype]).toEqual(['float16', 'float16'])
    const fed = { ...feed, data: Float32Array.of(1, -0.1, 40000, 2 ** -20) }
    const { y } = await session.run({ x: fed })
    // -0.1 becomes the nearest half; 80000 is beyond the largest
    expect(y).toEqual({
      dtype: 'float32',
      shape: [1, 4],
      data: Float32Array.of(2, -0.199951171875, Infinity, 2 ** -19),
    })
  })

  test('gives arrays that outlive it', async () => {
    const session = await createSession(sum, cpu)
    const { y } = await session.run({ x: feed }, ['y'])
    session.release()
    session.release()
    expect(y?.data[3]).toBe(-8)
  })

  test('knows the version of onnxruntime', () => {
    expect(onnxruntimeVersion).toMatch(/^\d+\.\d+\.\d+$/)
    expect(compiledProviders()).toContain('cpu')
  })
})

describe('misuse of a session', () => {
  test('a file that is no model is named, without its folder', async () => {
    const failed = createSession(file('garbage.onnx', 'hello'), cpu)
    await expect(failed).rejects.toMatchObject({ code: 'bad-model', message: expect.stringContaining('garbage.onnx') })
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining(folder) })
  })

  test('a file that is not there is named', async () => {
    await expect(createSession(join(folder, 'none.onnx'), cpu)).rejects.toMatchObject({ code: 'bad-model' })
  })

  test('a provider that is not compiled in is an error, not a fall back', async () => {
    const absent = (['dml', 'coreml', 'cuda'] as const).find((id) => !compiledProviders().includes(id))
    if (!absent) throw new Error('every provider on one machine?')
    await expect(createSession(sum, { ...cpu, provider: absent })).rejects.toMatchObject({
      code: 'no-provider',
      message: expect.stringContaining(absent),
    })
  })

  test('feeds that do not fit are refused with a sentence', async () => {
    using session = await createSession(sum, cpu)
    await expect(session.run({})).rejects.toMatchObject({ code: 'bad-model', message: expect.stringContaining("'x'") })
    await expect(session.run({ x: { ...feed, shape: [1, 5] } })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'x has 4 values but the shape 1 × 5',
    })
    const wrongType = { dtype: 'int64' as const, shape: [1, 4], data: new BigInt64Array(4) }
    await expect(session.run({ x: wrongType })).rejects.toMatchObject({ code: 'bad-model' })
  })

  test('a cancelled load does not load', async () => {
    const signal = AbortSignal.abort()
    await expect(createSession(sum, { ...cpu, signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
})
