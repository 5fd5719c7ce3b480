import { describe, expect, test } from 'vitest'
import { deviceName, isSoftware, oneOf, vulkanDevice } from '../../../src/engine/devices/names.ts'

const printed = (name: string): string => `INFO: something
DRIVER | LAYER:      <Device>
DRIVER | LAYER:          Using "${name}" with driver: "/usr/lib/libvulkan.so"
`

describe("a device's name", () => {
  test('is the last that the Vulkan loader says it gave away', () => {
    expect(vulkanDevice(printed('NVIDIA H200') + printed('AMD Radeon'))).toBe('AMD Radeon')
    expect(vulkanDevice('nothing of that')).toBeNull()
  })

  test('says of an adapter in software that it is one', async () => {
    const name = await deviceName('webgpu', printed('llvmpipe (LLVM 15.0.6, 256 bits)'))
    expect(name).toBe('llvmpipe (LLVM 15.0.6, 256 bits) (software)')
    expect(isSoftware(name)).toBe(true)
    expect(isSoftware(await deviceName('webgpu', printed('NVIDIA H200')))).toBe(false)
  })

  test('is that of the processor for the CPU', async () => {
    expect(await deviceName('cpu', '')).not.toBe('')
  })

  test('is not guessed among several', () => {
    expect(oneOf(['Intel UHD', ' NVIDIA RTX 4070 ', ''], 'DirectML')).toBe(
      'Intel UHD or NVIDIA RTX 4070 (DirectML does not say which)',
    )
    expect(oneOf(['Microsoft Basic Render Driver'], 'WebGPU')).toBe('Microsoft Basic Render Driver (software)')
    expect(isSoftware(oneOf(['Microsoft Basic Render Driver', 'Intel UHD'], 'WebGPU'))).toBe(false)
    expect(oneOf(['NVIDIA H200', 'NVIDIA H200'], 'CUDA')).toBe('NVIDIA H200')
  })

  test("is the provider's where the system tells none", () => {
    expect(oneOf([], 'CUDA')).toBe('CUDA')
  })
})
