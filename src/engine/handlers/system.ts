import type { EngineHandlers } from '../../contract/engine.ts'
import { findFfmpeg } from '../audio/ffmpeg.ts'
import type { EngineParts } from '../parts.ts'
import { onnxruntimeVersion, version } from '../paths.ts'

type Name = 'system.card' | 'system.notices' | 'inference.restart'

export const systemHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => {
  const { store, processes, notices } = parts
  return {
    'system.card': async () => {
      const ffmpeg = await findFfmpeg()
      const { bytes, limit } = store.stats()
      return {
        version,
        host: parts.host,
        ffmpeg:
          'path' in ffmpeg
            ? { found: true, version: ffmpeg.version, reason: '' }
            : { found: false, version: '', reason: ffmpeg.reason },
        onnxruntime: onnxruntimeVersion,
        threads: parts.settings.threads,
        processes: processes.pids(),
        cache: { bytes, limit, folder: store.folder },
      }
    },
    'system.notices': (publish) => notices.subscribe(publish),
    'inference.restart': async () => {
      await processes.restartJobs()
      return null
    },
  }
}
