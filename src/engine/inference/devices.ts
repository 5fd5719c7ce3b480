import { EngineError } from '../../contract/errors.ts'
import type { DeviceCard, ProviderId } from '../../contract/run.ts'
import { providerName } from '../../figures/provenance.ts'
import { startReason } from '../devices/missing-libraries.ts'
import { compiledProviders, createSession } from './session.ts'

/**
 * Whether a provider runs here. It counts only after a one-node graph ran on it with the CPU forbidden as a fall back:
 * onnxruntime's own list names what is compiled in, not what starts. A provider may crash or hang its process here, so this
 * runs in a process of its own (devices/probe.ts).
 */

/** Where onnxruntime-node has each provider at all. */
const homes: Record<Exclude<ProviderId, 'cuda'>, string> = {
  cpu: 'onnxruntime is damaged',
  dml: 'it is part of the Windows build only',
  coreml: 'it is part of the macOS build only',
  webgpu: 'it is part of the builds for Windows, macOS and Linux on x64 only',
}

/** y = x + x over float32 [1, 4], opset 13: the smallest graph every provider has a kernel for. */
const oneNode = Buffer.from(
  'CAg6PQoOCgF4CgF4EgF5IgNBZGQSAWdaEwoBeBIOCgwIARIICgIIAQoCCARiEwoBeRIOCgwIARIICgIIAQoCCARCBAoAEA0=',
  'base64',
)

/** Under the provider's own name: what the device is called is asked of the system by who sees what its driver prints. */
export const deviceCard = async (id: ProviderId): Promise<DeviceCard> => {
  const card = { id, name: providerName(id) }
  if (!compiledProviders().includes(id)) return { ...card, compiled: false, works: false, reason: whyNotCompiled(id) }
  try {
    await runOneNode(id)
    return { ...card, compiled: true, works: true, reason: '' }
  } catch (cause) {
    return { ...card, compiled: true, works: false, reason: startReason(id, said(cause)) }
  }
}

/** CUDA's provider is a library of its own, which can be added; the others are part of the build or are not. */
const whyNotCompiled = (id: ProviderId): string =>
  id === 'cuda' ? startReason(id, '') : `not compiled in: ${homes[id]}`

/** What onnxruntime itself said, where it was the one. */
const said = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return cause instanceof EngineError && cause.detail['reason'] ? String(cause.detail['reason']) : cause.message
}

const runOneNode = async (provider: ProviderId): Promise<void> => {
  // the CPU itself cannot be forbidden the CPU
  using session = await createSession(oneNode, { provider, threads: 1, strict: provider !== 'cpu' })
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) } })
  if (y?.data.join() !== '2,4,6,8')
    throw new EngineError('no-provider', `${provider} gave wrong numbers for a sum: ${y?.data.join(', ')}`)
}
