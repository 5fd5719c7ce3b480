import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import { inference } from '../../contract/inference.ts'
import type { DeviceCard, ProviderId } from '../../contract/run.ts'
import { providerName } from '../../figures/provenance.ts'
import { connect } from '../../rpc/connect.ts'
import { forkChild, type Spawn } from '../jobs/child.ts'
import { processEntry } from '../paths.ts'
import { deviceName, vulkanTells } from './names.ts'

export interface ProbeOptions {
  signal: AbortSignal
  spawn?: Spawn
  limitMilliseconds?: number
}

/**
 * Whether a provider starts, asked of a process of its own: a driver may crash, hang or print, and hurts nobody there. Throws
 * `cancelled` when the signal fires.
 */
export const probe = async (
  id: ProviderId,
  { signal, spawn = forkChild, limitMilliseconds = 20_000 }: ProbeOptions,
): Promise<DeviceCard> => {
  const child = spawn(processEntry('inference'), ['probe'], { env: vulkanTells })
  const ended = new AbortController()
  try {
    const answer = await Promise.race([
      connect(inference, child.port).probe({ id }, { signal }),
      sleep(limitMilliseconds, null, { signal: ended.signal }),
    ])
    if (!answer) return failed(id, `it did not answer within ${limitMilliseconds / 1000} s`)
    child.kill()
    await child.ended
    return answer.works ? { ...answer, name: await deviceName(id, child.errors()) } : answer
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'engine-gone') throw error
    return failed(id, `its driver ended the process (${await child.ended})`)
  } finally {
    ended.abort()
    child.kill()
  }
}

const failed = (id: ProviderId, reason: string): DeviceCard => ({
  id,
  compiled: true,
  works: false,
  name: providerName(id),
  reason,
})
