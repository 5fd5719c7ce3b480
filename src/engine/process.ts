import { engine as contract } from '../contract/engine.ts'
import { toWire } from '../contract/errors.ts'
import { host } from '../contract/host.ts'
import { channelPort, emitterPort, type EventPort } from '../rpc/ports/emitter.ts'
import { serve } from '../rpc/serve.ts'
import { createEngine, type Engine } from './index.ts'
import { environmentOverrides } from './settings/overrides.ts'

/**
 * The engine as a process of its own. Under Electron (a utility process) every message of the parent brings a port and says what
 * is served on it: `host` for the parent itself, `window` for a page. Forked by Node it serves both on its channel.
 */

/** As much of Electron's `process.parentPort` as is used; nothing of Electron is imported here. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: EventPort[] }) => void): void
}

const { parentPort, versions } = process as typeof process & { parentPort?: ParentPort }
const onError = (error: unknown): void => console.error(error)

const start = async (name: string): Promise<Engine> => createEngine({ ...environmentOverrides(), host: name })

const end = (engine: Engine): void => void engine.close().finally(() => process.exit())

const failedToStart = (error: unknown): void => {
  console.error(toWire(error).message)
  process.exit(1)
}

/** Ports may arrive before the engine stands: they wait for it. */
const serveParentPort = (port: ParentPort): void => {
  // what the engine forks is plain Node, not another window
  process.env.ELECTRON_RUN_AS_NODE = '1'
  const engine = start(`Electron ${versions.electron ?? ''}`.trim())
  engine.catch(failedToStart)
  port.on('message', ({ data, ports: [opened] }) => {
    const role = (data as { role?: unknown } | null)?.role
    if (!opened || (role !== 'host' && role !== 'window')) return
    void engine.then(({ handlers, host: hostHandlers }) => {
      if (role === 'host') serve(host, hostHandlers, emitterPort(opened), { onError })
      else serve(contract, handlers, emitterPort(opened), { onError })
    })
  })
}

const serveChannel = async (): Promise<void> => {
  const engine = await start('a process of its own')
  serve({ ...contract, ...host }, { ...engine.handlers, ...engine.host }, channelPort(process), { onError })
  process.on('disconnect', () => end(engine))
  process.on('SIGTERM', () => end(engine))
}

if (parentPort) serveParentPort(parentPort)
else await serveChannel().catch(failedToStart)
