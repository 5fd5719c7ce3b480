import { expect, test } from 'vitest'
import { providers } from '../../../src/engine/devices/devices.ts'
import { deviceCard } from '../../../src/engine/inference/devices.ts'

test('the CPU works under its own name', async () => {
  expect(await deviceCard('cpu')).toEqual({ id: 'cpu', compiled: true, works: true, name: 'CPU', reason: '' })
})

test('providers that do not work say why, and only they', async () => {
  for (const id of providers.filter((provider) => provider !== 'webgpu')) {
    const card = await deviceCard(id)
    expect(card.reason === '').toBe(card.works)
    // CUDA's provider is a library apart: what it lacks is said instead
    const reason = expect.stringMatching(id === 'cuda' ? /NVIDIA|CUDA/ : /not compiled in/)
    if (!card.compiled) expect(card).toMatchObject({ works: false, reason })
  }
})
