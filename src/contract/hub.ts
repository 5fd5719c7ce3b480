import { z } from 'zod'
import type { Variant } from './model.ts'

/** Models of the Hugging Face hub as the page and the command line see them. */

/** `owner/name`, as the hub spells it. */
export const RepoId = z.string().regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, 'a model on the hub is owner/name')

/** A line of the model browser, known without asking the hub: of the catalogue, or found in the cache. */
export interface HubCard {
  /** what `--models` takes once it is here: the catalogue's short name, or owner/name */
  id: string
  /** owner/name on the hub */
  repo: string
  /** "Whisper", "Wav2Vec2", "HuBERT" … */
  title: string
  /** config.json's model_type */
  modelType: string
  /** "speech to text", "sound events" … */
  task: string
  licence: string
  /** whom the weights speak: "English", "multilingual", "" for sounds */
  languages: string
  /** of the fp32 graphs, as far as the catalogue knows */
  bytes: number | null
  /** the checkpoint it was exported from: "openai/whisper-tiny"; null where unknown */
  source: string | null
  /** whether Otoscope opens this family */
  opens: boolean
  state: 'absent' | 'partial' | 'here'
  /** of a download that was paused or cut off: bytes that are already here */
  partialBytes: number
  /** the commit that is here; null where none is */
  revision: string | null
  /** downloaded by Otoscope, and so removable by it */
  ours: boolean
}

/** What the hub says of one repository at one commit. */
export interface HubListing {
  repo: string
  /** the commit asked for, or that main points at now */
  revision: string
  modelType: string
  task: string
  licence: string
  gated: boolean
  opens: boolean
  /** bytes to download for each variant that is there in full, small files included, best first */
  variants: { variant: Variant; bytes: number; present: number }[]
  /** one sentence where it cannot be pulled (no ONNX, a family that is not known); empty where it can */
  refused: string
  /** a repository with ONNX files of the same model; null where the catalogue knows none */
  alternative: string | null
  /** the command that exports a checkpoint without ONNX; null where it has ONNX files */
  exportCommand: string | null
}

export const PullInput = z.object({
  /** a catalogue id, or owner/name */
  model: z.string().min(1),
  /** a branch, tag or commit; main unless given, but another variant of a model that is here comes from the commit that is here */
  revision: z.string().min(1).optional(),
  /** those that are here unless given, else the best */
  variant: z.string().optional(),
})
export type PullInput = z.output<typeof PullInput>

export interface PullProgress {
  stage: 'look' | 'download' | 'wait' | 'verify'
  /** the file that is worked on; empty while looking */
  file: string
  /** bytes of everything wanted, those that were already here included */
  bytes: number
  total: number
  /** null until it is known */
  bytesPerSecond: number | null
  secondsLeft: number | null
  /** while waiting after a failure: the failure and when it goes on, as one sentence; else empty */
  message: string
}

/** The commit that is here beside the hub's own now. Shown, never taken. */
export interface UpdateCard {
  id: string
  repo: string
  here: string
  /** empty where the hub did not say */
  upstream: string
  changed: boolean
  /** why the hub did not say, as one sentence; else empty */
  problem: string
}

/** Whether there is an access token, and from where; never the token. */
export interface HubAccount {
  token: 'none' | 'environment' | 'file' | 'keychain' | 'session'
  /** the hub's address: HF_ENDPOINT or https://huggingface.co */
  endpoint: string
  /** HF_HUB_OFFLINE is set */
  offline: boolean
  /** the proxy's host, without name and password; empty without one */
  proxy: string
  /** where downloads are kept: Hugging Face's own cache */
  folder: string
}
