import { z } from 'zod'
import { query, type Client, type Handlers } from './contract.ts'
import type { ModelCard } from './model.ts'
import type { Recording } from './recording.ts'

/** What a host (main, server, command line) may ask of the engine beyond the page: the calls that take paths. */
export const host = {
  'files.open': query<Recording>()(z.object({ path: z.string(), name: z.string().optional() })),
  /** opens the shipped sample recordings: what a window shows when no file was named */
  'files.openSamples': query<Recording[]>()(z.object({})),
  /** a model by id or folder; a folder is known to the other calls by the answered id until the engine closes */
  'models.open': query<ModelCard>()(z.object({ model: z.string() })),
  /** `models import`: a folder of a known family, remembered by its absolute path */
  'models.import': query<ModelCard>()(z.object({ path: z.string() })),
  'models.remove': query<null>()(z.object({ model: z.string() })),
}
export type HostClient = Client<typeof host>
export type HostHandlers = Handlers<typeof host>
