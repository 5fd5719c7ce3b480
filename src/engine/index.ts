import { join } from 'node:path'
import { engine as contract, type EngineClient, type EngineHandlers, type EngineNotice } from '../contract/engine.ts'
import { host as hostContract, type HostClient, type HostHandlers } from '../contract/host.ts'
import type { Client, Contract, Handlers } from '../contract/contract.ts'
import { connect } from '../rpc/connect.ts'
import { pair } from '../rpc/ports/pair.ts'
import { serve } from '../rpc/serve.ts'
import { createOpenings } from './audio/openings.ts'
import { createOwnFiles } from './audio/own-files.ts'
import { createRawFiles } from './audio/raw-files.ts'
import { createSounds } from './audio/sounds.ts'
import { forgettingQueries, forgettingStore } from './damaged-runs.ts'
import { createDevices } from './devices/devices.ts'
import type { ArraySource } from './export/array-source.ts'
import { compareHandlers } from './handlers/compare.ts'
import { deviceHandlers } from './handlers/devices.ts'
import { figureHandlers } from './handlers/figures.ts'
import { hubHandlers } from './handlers/hub.ts'
import { hostHandlers } from './handlers/host.ts'
import { createLeaving } from './handlers/leaving.ts'
import { libraryHandlers } from './handlers/libraries.ts'
import { modelHandlers } from './handlers/models.ts'
import { rawHandlers } from './handlers/raw.ts'
import { recordingHandlers } from './handlers/recordings.ts'
import { regionHandlers } from './handlers/regions.ts'
import { createRunPlaces } from './handlers/run-places.ts'
import { runHandlers } from './handlers/runs.ts'
import { settingsHandlers, settingsHostHandlers } from './handlers/settings.ts'
import { soundHandlers } from './handlers/sound.ts'
import { systemHandlers } from './handlers/system.ts'
import { createHub } from './models/hub/hub.ts'
import { createKnownModels } from './models/known.ts'
import { openWorkFolder } from './work-folder.ts'
import { createRegistry } from './models/registry.ts'
import { resource } from './paths.ts'
import { createNet } from './net/net.ts'
import { createNotices } from './notices.ts'
import type { EngineParts } from './parts.ts'
import { startProcesses } from './processes.ts'
import { defaultSettingsFolder } from './settings/folder.ts'
import { createSettings, type Overrides } from './settings/live-settings.ts'
import { openSettledStore } from './settings/settled-store.ts'
import type { Store } from './store/store.ts'

/** Settings given here overrule what the person decided, for as long as this engine runs. */
export interface EngineOptions extends Overrides {
  /** where the settings are kept; the system's folder unless given */
  settingsFolder?: string
  /** how the program runs, in words */
  host: string
  onNotice?: (notice: EngineNotice) => void
}

export interface Engine {
  /** what a page may ask, to be served on a port */
  handlers: EngineHandlers
  /** what only a host may ask */
  host: HostHandlers
  /** the same for callers in this process */
  client: { engine: EngineClient; host: HostClient }
  store: Store
  /** where the arrays of a model's runs come from */
  arraySource(model: string): ArraySource
  /** ends every process and closes the store */
  close(): Promise<void>
}

/** An engine with a store of its own in `cacheFolder`. Throws `cannot-write` where the store cannot be. */
export const createEngine = async ({ onNotice, host: hostName, ...options }: EngineOptions): Promise<Engine> => {
  const notices = createNotices<EngineNotice>()
  if (onNotice) notices.subscribe(onNotice)
  const { settingsFolder = defaultSettingsFolder(), ...overrides } = options
  const settings = createSettings(settingsFolder, overrides)
  if (settings.notice) notices.publish({ kind: 'settings', message: settings.notice })
  const store = forgettingStore(openSettledStore(settings, notices.publish))
  const registry = createRegistry(store)
  const started = startProcesses({
    storeFolder: store.folder,
    settings,
    onGone: (message) => notices.publish({ kind: 'inference-gone', message }),
  })
  const processes = { ...started, queries: forgettingQueries(started.queries, store) }
  const devices = createDevices()
  const net = createNet()
  const sounds = createSounds({
    known: store,
    coarse: store,
    folders: [resource('recordings')],
    onMoved: (message) => notices.publish({ kind: 'recordings', message }),
  })
  const rawFiles = createRawFiles()
  const parts: EngineParts = {
    store,
    sounds,
    openings: createOpenings(),
    rawFiles,
    ownFiles: createOwnFiles(() => [...sounds.paths(), ...rawFiles.paths()]),
    registry,
    models: createKnownModels(registry),
    net,
    hub: createHub({ net, store }),
    processes,
    devices,
    settings,
    leaving: createLeaving(),
    host: hostName,
    notices,
  }
  const places = createRunPlaces(parts)
  const handlers: EngineHandlers = {
    ...systemHandlers(parts),
    ...settingsHandlers(parts),
    ...deviceHandlers(parts),
    ...libraryHandlers(parts),
    ...hubHandlers(parts),
    ...recordingHandlers(parts),
    ...soundHandlers(parts),
    ...rawHandlers(parts),
    ...modelHandlers(parts),
    ...runHandlers(parts, places),
    ...compareHandlers(parts, places),
    ...regionHandlers(parts),
    ...figureHandlers(() => client),
  }
  const client = clientOf(contract, handlers)
  const host = { ...hostHandlers(parts), ...settingsHostHandlers(parts) }
  return {
    handlers,
    host,
    client: { engine: client, host: clientOf(hostContract, host) },
    store,
    arraySource: (model) => ({
      store,
      values: processes.queries.attentionValues,
      modelFolder: parts.models.find(model).folder,
    }),
    close: async () => {
      devices.close()
      await net.close()
      // they still write what they have, and let go of their locks
      await parts.leaving.settled()
      await processes.close()
      try {
        // they were killed: what they worked in is removed by whoever opens such a folder next
        openWorkFolder(join(store.folder, 'work'))[Symbol.dispose]()
      } finally {
        store.close()
      }
    },
  }
}

const clientOf = <C extends Contract>(contract: C, handlers: Handlers<C>): Client<C> => {
  const [near, far] = pair()
  serve(contract, handlers, far)
  return connect(contract, near)
}
