import { existsSync } from 'node:fs'
import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import { devices, type DeviceCard, type DeviceId, type ProviderId } from '../../contract/run.ts'
import { deviceName, isSoftware } from './names.ts'
import { probe, type ProbeOptions } from './probe.ts'

type Places = Pick<JobInput, 'candidates' | 'skipped'>

/** What this machine can run on, tried once for as long as the engine lives. */
export interface Devices {
  /** `seen` hears those that have answered, whenever another has */
  list(seen?: (cards: DeviceCard[]) => void): Promise<DeviceCard[]>
  card(id: ProviderId): Promise<DeviceCard>
  /**
   * What a run on `device` may use, best first. Throws `no-provider` where one asked for by name does not run here: never another
   * in its place.
   */
  places(device: DeviceId): Promise<Places>
  /** tries them again when next asked: libraries came or went */
  forget(): void
  close(): void
}

export const providers = devices.filter((id): id is ProviderId => id !== 'auto')

/** Accelerators in the order in which `auto` tries them. */
const best = ['cuda', 'dml', 'coreml', 'webgpu'] as const

export const createDevices = (options: Omit<ProbeOptions, 'signal'> = {}): Devices => {
  const tried = new Map<ProviderId, Promise<DeviceCard>>()
  const closing = new AbortController()

  const card = (id: ProviderId): Promise<DeviceCard> => {
    const known = tried.get(id)
    if (known) return known
    const asked = probe(id, { ...options, signal: closing.signal })
    tried.set(id, asked)
    // one that could not be asked at all is asked again
    asked.catch(() => tried.delete(id))
    return asked
  }

  const named = async (id: ProviderId): Promise<Places> => {
    if (id === 'cpu') return { candidates: [await theCpu()], skipped: [] }
    const { works, reason, name } = await card(id)
    if (!works) throw new EngineError('no-provider', `device ${id}: ${reason}; use --device cpu or auto`)
    return { candidates: [{ provider: id, name }], skipped: [] }
  }

  const automatic = async (): Promise<Places> => {
    const cards = await Promise.all(best.filter((id) => mayBeHere(id)).map(card))
    const usable = cards.filter(({ works, name }) => works && !isSoftware(name))
    return {
      candidates: [...usable.map(({ id, name }) => ({ provider: id, name })), await theCpu()],
      skipped: cards.flatMap(whySkipped),
    }
  }

  const list = (seen?: (cards: DeviceCard[]) => void): Promise<DeviceCard[]> => {
    const answered = new Map<ProviderId, DeviceCard>()
    const ask = async (id: ProviderId): Promise<DeviceCard> => {
      const one = await card(id)
      answered.set(id, one)
      seen?.(providers.flatMap((other) => answered.get(other) ?? []))
      return one
    }
    return Promise.all(providers.map(ask))
  }

  return {
    list,
    card,
    places: (device) => (device === 'auto' ? automatic() : named(device)),
    forget: () => tried.clear(),
    close: () => closing.abort(),
  }
}

/** The CPU is certain to be there: a run on it waits for no process that says so. */
const theCpu = async (): Promise<JobInput['candidates'][number]> => ({
  provider: 'cpu',
  name: await deviceName('cpu', ''),
})

/** A software adapter would need a minute to lose against the CPU it runs on. */
const whySkipped = ({ id, compiled, works, name, reason }: DeviceCard): string[] => {
  if (works) return isSoftware(name) ? [`${id} is ${name} here, which auto does not try`] : []
  return compiled ? [`${id} does not start: ${reason}`] : []
}

/** Whether `auto` need ask at all: without a GPU's device file on Linux (WSL's is dxg), or a driver named, there is none. */
const mayBeHere = (id: ProviderId, platform = process.platform, env = process.env): boolean => {
  if (platform === 'win32') return id === 'dml' || id === 'webgpu'
  if (platform === 'darwin') return id === 'coreml' || id === 'webgpu'
  const gpu = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path))
  if (id === 'webgpu') return gpu || Boolean(env['VK_ICD_FILENAMES'] ?? env['VK_DRIVER_FILES'])
  return gpu && id === 'cuda'
}
