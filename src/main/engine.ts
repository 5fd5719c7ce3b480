import {
  MessageChannelMain,
  utilityProcess,
  type MessagePortMain,
  type UtilityProcess,
  type WebContents,
} from 'electron'
import { host, type HostClient } from '../contract/host.ts'
import { connect } from '../rpc/connect.ts'
import { emitterPort } from '../rpc/ports/emitter.ts'
import { processEntry } from '../engine/paths.ts'
import { keptToken } from './keychain.ts'

/** The engine as a utility process. It may be started again at any moment; windows then ask for a new port. */
export interface EngineProcess {
  client: HostClient
  /** makes a channel between the engine and a page; the page's end leaves with the window message "engine-port" */
  connectWindow(contents: WebContents): void
  close(): void
}

/** Every engine is given the token that the keychain holds. `onGone` hears the exit code when the process ends by itself. */
export const startEngine = (onGone: (code: number) => void): EngineProcess => {
  const child: UtilityProcess = utilityProcess.fork(processEntry('engine'), [], { serviceName: 'Otoscope engine' })
  let closing = false
  child.on('exit', (code) => {
    if (!closing) onGone(code)
  })
  const client = connect(host, emitterPort(openChannel(child, 'host')))
  void giveToken(client)
  return {
    client,
    connectWindow: (contents) => contents.postMessage('engine-port', null, [openChannel(child, 'window')]),
    close: () => {
      closing = true
      child.kill()
    },
  }
}

/** An engine that ends meanwhile, or that refuses the token, goes without; the page can be told another. */
const giveToken = async (client: HostClient): Promise<void> => {
  const token = await keptToken()
  if (token !== null) await client['hub.keychain']({ token }).catch(() => {})
}

/** One end of a new channel goes to the engine under `role`, the other is returned. */
const openChannel = (child: UtilityProcess, role: 'host' | 'window'): MessagePortMain => {
  const { port1, port2 } = new MessageChannelMain()
  child.postMessage({ role }, [port1])
  return port2
}
