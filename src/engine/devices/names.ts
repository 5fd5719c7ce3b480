import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProviderId } from '../../contract/run.ts'
import { providerName } from '../../figures/provenance.ts'

/** What a provider runs on, in the system's own words; never guessed. */

const software = /llvmpipe|lavapipe|softpipe|swiftshader|microsoft basic render/i
const mark = ' (software)'

/** Whether a device's name says that it is the processor in disguise: slower than the CPU itself, always. */
export const isSoftware = (name: string): boolean => name.endsWith(mark)

/** Makes the Vulkan loader print which device a program took: WebGPU itself does not tell. */
export const vulkanTells: NodeJS.ProcessEnv = { VK_LOADER_DEBUG: 'layer' }

/** The device in what the Vulkan loader printed under `vulkanTells` ("Using "llvmpipe …" with driver: …"), or null. */
export const vulkanDevice = (printed: string): string | null =>
  [...printed.matchAll(/Using "([^"\n]+)" with driver/g)].at(-1)?.[1] ?? null

/** The name of what `id` runs on; `printed` is what its driver printed while it started under `vulkanTells`. */
export const deviceName = async (id: ProviderId, printed: string): Promise<string> => {
  if (id === 'cpu') return cpus()[0]?.model.trim() || providerName('cpu')
  const told = id === 'webgpu' ? vulkanDevice(printed) : null
  return told === null ? oneOf(await adapters(id), providerName(id)) : marked(told)
}

const marked = (name: string): string => (software.test(name) ? name + mark : name)

/** The only adapter, or all of them: which of several was taken the provider does not say. */
export const oneOf = (names: readonly string[], provider: string): string => {
  const all = [...new Set(names.map((name) => name.trim()).filter(Boolean))]
  if (all.length === 0) return provider
  if (all.length === 1) return marked(all[0]!)
  const list = `${all.join(' or ')} (${provider} does not say which)`
  return all.every((name) => software.test(name)) ? list + mark : list
}

const adapters = async (id: ProviderId): Promise<string[]> => {
  if (id === 'cuda') return nvidiaGpus() ?? lines('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'])
  if (process.platform === 'win32') {
    const question = 'Get-CimInstance Win32_VideoController | ForEach-Object { $_.Name }'
    return lines('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', question])
  }
  // Apple's processors hold their GPU and share its name
  if (process.platform === 'darwin') return lines('sysctl', ['-n', 'machdep.cpu.brand_string'])
  return []
}

/** As the driver says it in /proc; null where that is not there. */
const nvidiaGpus = (folder = '/proc/driver/nvidia/gpus'): string[] | null => {
  try {
    return readdirSync(folder).map(
      (gpu) => /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, gpu, 'information'), 'utf8'))?.[1] ?? '',
    )
  } catch {
    return null
  }
}

/** What a command prints; nothing where it is missing, fails or takes long: the provider's own name does then. */
const lines = async (command: string, words: string[]): Promise<string[]> => {
  try {
    const { stdout } = await promisify(execFile)(command, words, { timeout: 5000, windowsHide: true })
    return stdout.split('\n')
  } catch {
    return []
  }
}
