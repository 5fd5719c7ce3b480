import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { EngineError } from '../../contract/errors.ts'
import { type DeviceCard, type DeviceId, type ProviderId } from '../../contract/run.ts'
import { compiledProviders, createSession } from './session.ts'

/**
 * What this machine can run on. A provider counts only after a one-node graph ran on it with the CPU forbidden as a fall back:
 * onnxruntime's own list names what is compiled in, not what starts. A provider may crash or hang its process here, so this
 * runs in an inference process and nowhere else.
 */

const names: Record<Exclude<ProviderId, 'cpu'>, string> = {
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
  webgpu: 'WebGPU',
}

/** Where onnxruntime-node has each provider at all. */
const homes: Record<Exclude<ProviderId, 'cpu'>, string> = {
  cuda: 'it needs Linux on x64 and the libraries that onnxruntime-node installs from NuGet',
  dml: 'it is part of the Windows build only',
  coreml: 'it is part of the macOS build only',
  webgpu: 'it is part of the builds for Windows, macOS and Linux on x64 only',
}

/** y = x + x over float32 [1, 4], opset 13: the smallest graph every provider has a kernel for. */
const oneNode = Buffer.from(
  'CAg6PQoOCgF4CgF4EgF5IgNBZGQSAWdaEwoBeBIOCgwIARIICgIIAQoCCARiEwoBeRIOCgwIARIICgIIAQoCCARCBAoAEA0=',
  'base64',
)

const isProvider = (id: DeviceId): id is ProviderId => id !== 'auto'

/**
 * The provider a run uses. `auto` is the CPU, the one that is certain to be there and to agree with the references. Throws
 * `no-provider` where a provider asked for by name does not run here: never another in its place.
 */
export const resolveDevice = async (device: DeviceId): Promise<ProviderId> => {
  if (!isProvider(device)) return 'cpu'
  const { works, reason } = await deviceCard(device)
  if (!works) throw new EngineError('no-provider', `device ${device}: ${reason}; use --device cpu or auto`)
  return device
}

const tried = new Map<ProviderId, Promise<DeviceCard>>()

export const deviceCard = (id: ProviderId): Promise<DeviceCard> => {
  const known = tried.get(id) ?? tryProvider(id)
  tried.set(id, known)
  return known
}

const tryProvider = async (id: ProviderId): Promise<DeviceCard> => {
  const name = id === 'cpu' ? (cpus()[0]?.model.trim() ?? 'CPU') : names[id]
  if (!compiledProviders().includes(id)) {
    const reason = id === 'cpu' ? 'onnxruntime is damaged' : homes[id]
    return { id, compiled: false, works: false, name, reason: `not compiled in: ${reason}` }
  }
  if (id === 'webgpu' && lacksGpu())
    return { id, compiled: true, works: false, name, reason: 'this machine has no GPU' }
  try {
    await runOneNode(id)
    return { id, compiled: true, works: true, name, reason: '' }
  } catch (cause) {
    return { id, compiled: true, works: false, name, reason: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** Without a device file there is no GPU on Linux (WSL's is dxg): asking its graphics drivers all the same makes them print. */
const lacksGpu = (): boolean =>
  process.platform === 'linux' && !['/dev/dri', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path))

const runOneNode = async (provider: ProviderId): Promise<void> => {
  // the CPU itself cannot be forbidden the CPU
  using session = await createSession(oneNode, { provider, threads: 1, strict: provider !== 'cpu' })
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) } })
  if (y?.data.join() !== '2,4,6,8')
    throw new EngineError('no-provider', `${provider} gave wrong numbers for a sum: ${y?.data.join(', ')}`)
}
