import { join } from 'node:path'
import { engine as contract, type EngineClient, type EngineHandlers, type EngineNotice } from '../contract/engine.ts'
import { host as hostContract, type HostClient, type HostHandlers } from '../contract/host.ts'
import type { Client, Contract, Handlers } from '../contract/contract.ts'
import { connect } from '../rpc/connect.ts'
import { pair } from '../rpc/ports/pair.ts'
import { serve } from '../rpc/serve.ts'
import { createSounds } from './audio/sounds.ts'
import { forgettingQueries, forgettingStore } from './damaged-runs.ts'
import { createDevices } from './devices/devices.ts'
import type { ArraySource } from './export/array-source.ts'
import { deviceHandlers } from './handlers/devices.ts'
import { figureHandlers } from './handlers/figures.ts'
import { hubHandlers } from './handlers/hub.ts'
import { hostHandlers } from './handlers/host.ts'
import { modelHandlers } from './handlers/models.ts'
import { recordingHandlers } from './handlers/recordings.ts'
import { runHandlers } from './handlers/runs.ts'
import { settingsHandlers } from './handlers/settings.ts'
import { systemHandlers } from './handlers/system.ts'
import { createKnownModels } from './models/known.ts'
import { openWorkFolder } from './work-folder.ts'
import { createRegistry } from './models/registry.ts'
import { createNotices } from './notices.ts'
import type { EngineParts } from './parts.ts'
import { startProcesses } from './processes.ts'
import { openStore } from './store/database.ts'
import type { Store } from './store/store.ts'

export interface EngineOptions {
  cacheFolder: string
  /** the store's limit; 4 GB unless set */
  limitBytes?: number
  /** CPU threads of a run */
  threads: number
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
export const createEngine = async (options: EngineOptions): Promise<Engine> => {
  const notices = createNotices()
  if (options.onNotice) notices.subscribe(options.onNotice)
  const store = forgettingStore(
    openStore(options.cacheFolder, {
      ...(options.limitBytes === undefined ? {} : { limitBytes: options.limitBytes }),
      onNotice: (message) => notices.publish({ kind: 'cache', message }),
    }),
  )
  const registry = createRegistry(store)
  const started = startProcesses({
    storeFolder: store.folder,
    storeLimit: options.limitBytes,
    threads: options.threads,
    onGone: (message) => notices.publish({ kind: 'inference-gone', message }),
  })
  const processes = { ...started, queries: forgettingQueries(started.queries, store) }
  const devices = createDevices()
  const parts: EngineParts = {
    store,
    sounds: createSounds({ known: store }),
    registry,
    models: createKnownModels(registry),
    processes,
    devices,
    threads: options.threads,
    host: options.host,
    notices,
  }
  const handlers: EngineHandlers = {
    ...systemHandlers(parts),
    ...settingsHandlers(),
    ...deviceHandlers(parts),
    ...hubHandlers(),
    ...recordingHandlers(parts),
    ...modelHandlers(parts),
    ...runHandlers(parts),
    ...figureHandlers(() => client),
  }
  const client = clientOf(contract, handlers)
  const host = hostHandlers(parts)
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
