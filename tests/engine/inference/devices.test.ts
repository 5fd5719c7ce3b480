import { describe, expect, test } from 'vitest'
import { devices, type ProviderId } from '../../../src/contract/run.ts'
import { deviceCard, resolveDevice } from '../../../src/engine/inference/devices.ts'

const providers = devices.filter((id): id is ProviderId => id !== 'auto')
const listDevices = () => Promise.all(providers.map(deviceCard))

describe('devices', () => {
  test('are all listed, the CPU working under its own name', async () => {
    const cards = await listDevices()
    expect(cards.map((card) => card.id)).toEqual(['cpu', 'cuda', 'dml', 'coreml', 'webgpu'])
    expect(cards[0]).toMatchObject({ compiled: true, works: true, reason: '' })
    expect(cards[0]?.name).not.toBe('')
  })

  test('that do not work say why, and only they', async () => {
    for (const card of await listDevices()) {
      expect(card.reason === '').toBe(card.works)
      if (!card.compiled) expect(card.works).toBe(false)
    }
  })

  test('chosen automatically are the CPU', async () => {
    expect(await resolveDevice('auto')).toBe('cpu')
    expect(await resolveDevice('cpu')).toBe('cpu')
  })

  test('asked for by name are used or refused, never replaced', async () => {
    for (const card of await listDevices()) {
      if (card.works) expect(await resolveDevice(card.id)).toBe(card.id)
      else
        await expect(resolveDevice(card.id)).rejects.toMatchObject({
          code: 'no-provider',
          message: expect.stringContaining(card.id),
        })
    }
  })
})
