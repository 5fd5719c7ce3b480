import { z } from 'zod'
import { query, stream, type Client, type Handlers } from './contract.ts'
import { Mapping } from './mapping.ts'
import type { ModelCard } from './model.ts'
import { RawFormat } from './raw-format.ts'
import type { Recording } from './recording.ts'
import type { SettingsCard } from './settings.ts'

/** bytes copied of all */
export interface CopyProgress {
  file: string
  bytes: number
  total: number
}

/** What a host (main, server, command line) may ask of the engine beyond the page: the calls that take paths. */
export const host = {
  'files.open': query<Recording>()(
    z.object({
      path: z.string(),
      name: z.string().optional(),
      channel: z.number().int().nonnegative().optional(),
      raw: RawFormat.optional(),
      /** somebody can be asked how a file without a header is to be read: it waits (contract/raw.ts) */
      ask: z.boolean().optional(),
      /** a copy that was made to be opened: it is removed as soon as nothing that is open or waits needs it */
      ours: z.boolean().optional(),
    }),
  ),
  /** opens the shipped sample recordings: what a window shows when no file was named */
  'files.openSamples': query<Recording[]>()(z.object({})),
  /** a model by id or folder; a folder is known to the other calls by the answered id until the engine closes */
  'models.open': query<ModelCard>()(z.object({ model: z.string() })),
  /**
   * `models import`: a folder of a known family, or one whose input is mapped, remembered by its absolute path; or an archive made
   * by `models export`, unpacked among Otoscope's own files
   */
  'models.import': stream<CopyProgress, ModelCard>()(z.object({ path: z.string(), mapping: Mapping.optional() })),
  /** forgets an imported model (its files stay), or deletes one that Otoscope downloaded */
  'models.remove': query<null>()(z.object({ model: z.string() })),
  /** writes a model (an id that is known already) as one folder, or as one archive where `path` ends in .tar */
  'models.export': stream<CopyProgress, null>()(z.object({ model: z.string(), path: z.string() })),
  /** a token from the system's keychain; null forgets it */
  'hub.keychain': query<null>()(z.object({ token: z.string().min(1).nullable() })),
  /** where results are stored from the next start on; null: the system's cache folder */
  'settings.cacheFolder': query<SettingsCard>()(z.object({ path: z.string().nullable() })),
}
export type HostClient = Client<typeof host>
export type HostHandlers = Handlers<typeof host>
