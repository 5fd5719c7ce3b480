import { z } from 'zod'
import { query, type Client, type Handlers } from './contract.ts'
import type { ModelCard } from './model.ts'
import type { Recording } from './recording.ts'

/** What a host (main, server, command line) may ask of the engine beyond the page: the calls that take paths. */
export const host = {
  'files.open': query<Recording>()(z.object({ path: z.string(), name: z.string().optional() })),
  /** `models import`: a folder of a known family, remembered by its absolute path */
  'models.import': query<ModelCard>()(z.object({ path: z.string() })),
  'models.remove': query<null>()(z.object({ model: z.string() })),
}
export type HostClient = Client<typeof host>
export type HostHandlers = Handlers<typeof host>
