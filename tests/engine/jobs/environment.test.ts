import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { forkChild } from '../../../src/engine/jobs/child.ts'
import { inferenceEnvironment } from '../../../src/engine/jobs/environment.ts'

const printed = async (): Promise<Record<string, string>> => {
  const child = forkChild(fileURLToPath(new URL('print-environment.ts', import.meta.url)), [])
  await child.ended
  return JSON.parse(child.errors()) as Record<string, string>
}

test('an inference process multiplies in full precision, whatever its parent was told', async () => {
  vi.stubEnv('NVIDIA_TF32_OVERRIDE', '1')
  const { NVIDIA_TF32_OVERRIDE } = await printed()
  vi.unstubAllEnvs()
  expect(NVIDIA_TF32_OVERRIDE).toBe('0')
})

test('the rest of the environment is the parent’s', () => {
  expect(inferenceEnvironment({ LANG: 'C' })).toMatchObject({ LANG: 'C' })
})
