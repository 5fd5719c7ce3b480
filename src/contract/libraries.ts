import { z } from 'zod'
import { query, stream } from './contract.ts'
import type { PullProgress } from './hub.ts'

/** Libraries of an accelerator that are downloaded apart, because they are large and have licences of their own. */
export interface LibraryCard {
  id: string
  /** "CUDA 12 and cuDNN 9 for onnxruntime 1.30" */
  title: string
  /** to download, and on disk once installed */
  bytes: { download: number; disk: number }
  licence: string
  installed: boolean
  /** a download that was paused or cut off */
  partialBytes: number
  /** why it cannot be installed here; empty where it can */
  refused: string
}

export const libraries = {
  /** libraries a device needs that can be downloaded: CUDA's on Linux x64; empty elsewhere */
  'devices.libraries': query<LibraryCard[]>()(z.object({})),
  'devices.install': stream<PullProgress, LibraryCard>()(z.object({ library: z.string() })),
  'devices.uninstall': query<LibraryCard>()(z.object({ library: z.string() })),
}
