import type { Client } from '../contract/contract.ts'
import type { EngineNotice } from '../contract/engine.ts'
import type { inference } from '../contract/inference.ts'
import type { Devices } from './devices/devices.ts'
import type { Openings } from './audio/openings.ts'
import type { OwnFiles } from './audio/own-files.ts'
import type { RawFiles } from './audio/raw-files.ts'
import type { Sounds } from './audio/sounds.ts'
import type { Leaving } from './handlers/leaving.ts'
import type { Hub } from './models/hub/hub.ts'
import type { KnownModels } from './models/known.ts'
import type { Registry } from './models/registry.ts'
import type { Net } from './net/net.ts'
import type { Notices } from './notices.ts'
import type { LiveSettings } from './settings/live-settings.ts'
import type { Store } from './store/store.ts'

/** The two inference processes as the engine uses them. */
export interface Processes {
  jobs: Client<typeof inference>
  queries: Client<typeof inference>
  /** kills and restarts the job process */
  restartJobs(): Promise<void>
  /** ends the job process as soon as no job is running; the next one starts another */
  releaseJobs(): void
  /** ends the query process as soon as it has answered; the next question starts another */
  releaseQueries(): void
  /** resident bytes of both: what they hold is theirs to use again; 0 for one that does not run */
  heldBytes(): Promise<{ jobs: number; queries: number }>
  /** whether the job process has run this model last, or last but one: it is loaded still */
  holds(modelHash: string): boolean
  /** process ids, null while not running */
  pids(): { jobs: number | null; queries: number | null }
}

/** What the handlers are made of. */
export interface EngineParts {
  store: Store
  sounds: Sounds
  openings: Openings
  rawFiles: RawFiles
  ownFiles: OwnFiles
  registry: Registry
  models: KnownModels
  /** the only way out of this machine, for what a person asks to download */
  net: Net
  hub: Hub
  processes: Processes
  devices: Devices
  /** what holds for this machine; it may change while the engine runs */
  settings: LiveSettings
  /** downloads that were ended and still put away what they have */
  leaving: Leaving
  /** how the program runs, in words */
  host: string
  notices: Notices<EngineNotice>
}
