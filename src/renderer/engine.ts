import { reactive, readonly } from 'vue'
import { engine as contract, type EngineClient } from '../contract/engine.ts'
import { EngineError, messageOf, type WireError } from '../contract/errors.ts'
import { connect } from '../rpc/connect.ts'
import type { Port } from '../rpc/port.ts'
import { domPort } from '../rpc/ports/dom.ts'
import { socketPort } from '../rpc/ports/socket.ts'

/** The page's one way to the engine: a port from the preload where there is a shell, a WebSocket where there is none. */

const state = reactive({
  /** `lost` after the second loss in a row: the person has to act */
  link: 'connecting' as 'connecting' | 'open' | 'lost',
  /** how often a connection was made; queries repeat themselves when it grows */
  generation: 0,
  message: '',
})
export const connection = readonly(state)

let client: EngineClient | null = null
const opened = new Set<() => void>()
const failed = new Set<(error: WireError) => void>()

const currentClient = (): EngineClient => {
  if (!client) throw new EngineError('engine-gone', 'not connected to the engine; reload the page')
  return client
}

/** Always the current connection's client; calls without one reject with `engine-gone`. */
export const engine: EngineClient = new Proxy({} as EngineClient, {
  get: (_target, name) => currentClient()[name as keyof EngineClient],
})

/** Calls `listener` after every connection made, the first one included; returns the way to stop it. */
export const onConnected = (listener: () => void): (() => void) => {
  opened.add(listener)
  if (client) listener()
  return () => opened.delete(listener)
}

/** Calls `listener` with what any call failed with, whoever made it; returns the way to stop it. */
export const onFailed = (listener: (error: WireError) => void): (() => void) => {
  failed.add(listener)
  return () => failed.delete(listener)
}

export const openConnection = async (): Promise<void> => {
  state.link = 'connecting'
  try {
    const port = await openPort()
    client = connect(
      contract,
      watch(port, () => void lost()),
    )
    await client['system.card']({})
    state.link = 'open'
    state.generation++
    for (const listener of opened) listener()
  } catch (error) {
    client = null
    state.link = 'lost'
    state.message = messageOf(error)
  }
}

const lost = async (): Promise<void> => {
  const wasOpen = state.link === 'open'
  client = null
  state.link = 'lost'
  state.message =
    'The connection to the engine was lost; a run that was going on is lost with it, stored results are not.'
  if (!wasOpen) return
  await new Promise((resolve) => setTimeout(resolve, 300))
  await openConnection()
}

const watch = (port: Port, closed: () => void): Port => ({
  ...port,
  onMessage: (listener) =>
    port.onMessage((message) => {
      listener(message)
      if (message.kind === 'fail') for (const hear of failed) hear(message.error)
    }),
  onClose: (listener) =>
    port.onClose(() => {
      listener()
      closed()
    }),
})

const openPort = async (): Promise<Port> => {
  const shell = window.shell
  return shell ? portFromShell(shell) : socketPort(new WebSocket(socketAddress()))
}

const portFromShell = (shell: NonNullable<Window['shell']>): Promise<Port> =>
  new Promise((resolve) => {
    const receive = (event: MessageEvent): void => {
      const [port] = event.ports
      if (event.source !== window || event.data !== 'engine-port' || !port) return
      window.removeEventListener('message', receive)
      resolve(domPort(port))
    }
    window.addEventListener('message', receive)
    shell.connect()
  })

const socketAddress = (): string => {
  const address = new URL(`rpc${location.search}`, location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return address.href
}
