import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'vitest'
import { canMakeNamespace } from './namespace.ts'
import { webgpuEnvironment } from './webgpu.ts'

/** What a machine may lack. A test that needs it says so: `testNeeding('ffmpeg')('decodes …', …)` is skipped with the reason in its name. */

export const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
export const ffmpegPath = process.env.FFMPEG_BIN ?? 'ffmpeg'
export const pythonPath = process.env.OTOSCOPE_PYTHON ?? 'python3'

/** What Linux says of it; nothing elsewhere. */
const processor = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''

const present = {
  ffmpeg: () => spawnSync(ffmpegPath, ['-version']).status === 0,
  chromium: () => existsSync(chromiumPath),
  electron: () =>
    existsSync('node_modules/electron/dist') &&
    (process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)),
  reference: () => existsSync(process.env.OTOSCOPE_REFERENCE ?? ''),
  huggingface: () => spawnSync(pythonPath, ['-c', 'import huggingface_hub']).status === 0,
  'exact integers': () => !processor.includes('avx2') || processor.includes('vnni'),
  'ordinary user': () => process.platform !== 'win32' && process.getuid?.() !== 0,
  'full disk': () => existsSync('/dev/full'),
  peaks: () => existsSync('/proc/self/status'),
  webgpu: () => webgpuEnvironment() !== null,
  namespace: canMakeNamespace,
}
const reasons = {
  ffmpeg: 'no ffmpeg on this machine',
  chromium: 'no Chromium at /usr/bin/chromium or CHROMIUM_BIN',
  electron: 'no Electron binary in node_modules/electron/dist, or no display',
  reference: 'OTOSCOPE_REFERENCE names no folder of full-size reference models',
  huggingface: 'no huggingface_hub in python3 or OTOSCOPE_PYTHON',
  'exact integers':
    'without VNNI onnxruntime’s products of 8-bit numbers saturate, unlike those the goldens were made with',
  'ordinary user': 'the administrator may write everywhere',
  'full disk': 'no /dev/full on this system',
  peaks: 'this system does not tell what another process took at its peak',
  namespace:
    'no network of a process’s own can be made and watched: Linux, unshare, ip and strace are needed, and the right to',
  webgpu: 'no WebGPU adapter: neither a GPU with its driver nor the SwiftShader of a Chromium',
}

export const testNeeding = (...needs: (keyof typeof present)[]) => {
  const missing = needs.find((need) => !present[need]())
  if (!missing) return test
  return ((name: string, ...rest: unknown[]) =>
    (test.skip as (name: string, ...rest: unknown[]) => void)(
      `${name} [skipped: ${reasons[missing]}]`,
      ...rest,
    )) as typeof test
}
