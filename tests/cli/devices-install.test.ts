import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { LibraryCard } from '../../src/contract/libraries.ts'
import { startCli, type Ended } from '../support/cli.ts'

const data = mkdtempSync(join(tmpdir(), 'otoscope-data-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

/** Offline: nothing can be downloaded, whatever the command does. */
const run = (...words: string[]): Promise<Ended> =>
  startCli(['devices', ...words, '--no-cache'], { env: { OTOSCOPE_DATA: data, HF_HUB_OFFLINE: '1' } }).ended

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64'

test.runIf(isLinuxX64)('size and licence are shown, and nobody to ask means nothing is downloaded', async () => {
  const { code, stdout, stderr } = await run('install', 'cuda')
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/CUDA 12 and cuDNN 9 for onnxruntime .*: 1\.\d\d GB to download, about \d\.\d\d GB on disk/)
  expect(stderr).toMatch(/licence: .*MIT.*NVIDIA/)
  expect(stderr).toMatch(/nothing was downloaded: otoscope devices install cuda --yes/)
})

test.runIf(isLinuxX64)(
  'accepted, it asks the network, which says why it cannot, and leaves nothing installed',
  async () => {
    const { code, stderr } = await run('install', 'cuda', '--yes')
    expect(code).toBe(1)
    expect(stderr).toMatch(/HF_HUB_OFFLINE/)
    expect(existsSync(join(data, 'cuda.lock'))).toBe(false)
  },
)

test.runIf(isLinuxX64)('what is not installed can be removed all the same', async () => {
  const { code, stdout } = await run('uninstall', 'cuda', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout) as LibraryCard).toMatchObject({ id: 'cuda', installed: false, partialBytes: 0 })
  expect(existsSync(join(data, 'cuda'))).toBe(false)
})

test('a name that is none is refused with what there is', async () => {
  for (const words of [
    ['install', 'rocm', '--yes'],
    ['uninstall', 'rocm'],
  ]) {
    const { code, stderr } = await run(...words)
    expect(code).toBe(1)
    expect(stderr).toMatch(/no libraries called rocm for this system; /)
  }
  expect((await run('install')).code).toBe(2)
  expect((await run('install', 'cuda', 'rocm')).code).toBe(2)
})
