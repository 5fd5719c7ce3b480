import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { DeviceCard, Verdict } from '../../src/contract/run.ts'
import { resource } from '../../src/engine/paths.ts'
import { startCli } from '../support/cli.ts'
import { testNeeding } from '../support/needs.ts'
import { useWebgpu } from '../support/webgpu.ts'

useWebgpu()
const voice = resource('recordings', 'voice.wav')
const tiny = fileURLToPath(new URL('../golden/models/wav2vec2-sdpa-17', import.meta.url))
const otoscope = (words: string[], env: NodeJS.ProcessEnv = {}) => startCli([...words, '--no-cache'], { env }).ended

describe('otoscope devices', () => {
  test('prints five facts of each, and nothing that a driver prints', async () => {
    // unset: a driver would print an error about it
    const env = { XDG_RUNTIME_DIR: '' }
    const { code, stdout, stderr } = await otoscope(['devices', '--json'], env)
    expect([code, stderr]).toEqual([0, ''])
    for (const card of JSON.parse(stdout) as DeviceCard[])
      expect(Object.keys(card).sort()).toEqual(['compiled', 'id', 'name', 'reason', 'works'])
  })
})

describe('otoscope devices compare', () => {
  test('wants a device, and one that is not the CPU', async () => {
    for (const device of [[], ['--device', 'cpu']]) {
      const { code, stderr } = await otoscope(['devices', 'compare', tiny, voice, ...device])
      expect(code).toBe(2)
      expect(stderr).toContain('name the device to compare with the CPU')
    }
  })

  test('of a device that does not run here fails with the reason', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml'
    const { code, stdout, stderr } = await otoscope(['devices', 'compare', tiny, voice, '--device', absent])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`device ${absent}: not compiled in`)
  })

  testNeeding('webgpu')('prints the error of every tap, the nodes and the speed', async () => {
    const words = ['devices', 'compare', tiny, voice, '--device', 'webgpu', '--region', '0.5:0.7']
    const { code, stdout } = await otoscope(words)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^encoder\.hidden\.2 +\d/m)
    expect(stdout).toMatch(/^nodes +\d+ on WebGPU, \d+ on CPU$/m)
    expect(stdout).toMatch(/^parity +\S+ at \S+; 1e-3 is allowed$/m)
    expect(stdout).toMatch(/^speed +webgpu is \S+ × (slower|faster) than the CPU on this model/m)
    expect(stdout).toMatch(/^verdict +may run$/m)
    const verdict = JSON.parse((await otoscope([...words, '--json'])).stdout) as Verdict
    expect(verdict).toMatchObject({ provider: 'webgpu', refused: '', parity: { passed: true } })
  })
})
