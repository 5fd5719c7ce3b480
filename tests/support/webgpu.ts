import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'

/**
 * Where a WebGPU provider runs: this machine's own Vulkan, Metal or Direct3D device, or SwiftShader, the software Vulkan device that
 * comes with Chromium. It is a real provider either way, with numbers of its own.
 */

const chromium = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
const swiftShader = [dirname(chromium), '/usr/lib/chromium', '/usr/lib/chromium-browser']
  .map((folder) => join(folder, 'vk_swiftshader_icd.json'))
  .find((path) => existsSync(path))

const starts = (environment: NodeJS.ProcessEnv): boolean =>
  spawnSync(process.execPath, [fileURLToPath(new URL('webgpu-starts.ts', import.meta.url))], {
    env: { ...process.env, ...environment },
    timeout: 20_000,
  }).stdout.toString() === 'yes'

let found: NodeJS.ProcessEnv | null | undefined

const find = (): NodeJS.ProcessEnv | null => {
  const quiet = { XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() }
  if (starts(quiet)) return quiet
  const software = swiftShader ? { ...quiet, VK_ICD_FILENAMES: swiftShader } : null
  return software && starts(software) ? software : null
}

/** What a process must have in its environment for WebGPU to start there; null where it does not start at all. */
export const webgpuEnvironment = (): NodeJS.ProcessEnv | null => (found === undefined ? (found = find()) : found)

/** For sessions of a test file's own process, and those it starts. A device in software on a busy machine takes its time. */
export const useWebgpu = (): void => {
  Object.assign(process.env, webgpuEnvironment())
  vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })
}
