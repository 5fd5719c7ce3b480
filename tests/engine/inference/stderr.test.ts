import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { forkChild } from '../../../src/engine/jobs/child.ts'

test('nothing that a driver prints is lost while the engine is busy', async () => {
  const child = forkChild(fileURLToPath(new URL('prints-much.ts', import.meta.url)), [])
  // this thread reads nothing meanwhile
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  expect(await child.ended).toBe('exit code 0')
  expect(child.errors().match(/^line \d+$/gm)).toHaveLength(2000)
})
