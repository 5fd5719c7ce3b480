import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Client } from '../../../src/contract/contract.ts'
import { connect } from '../../../src/rpc/connect.ts'
import type { Port } from '../../../src/rpc/port.ts'
import { domPort } from '../../../src/rpc/ports/dom.ts'
import { channelPort, emitterPort, type EventPort } from '../../../src/rpc/ports/emitter.ts'
import { socketPort, type Socket } from '../../../src/rpc/ports/socket.ts'
import { serve } from '../../../src/rpc/serve.ts'
import { trial, trialHandlers, type TrialLog } from '../contract.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

const clientOf = (near: Port, far: Port) => {
  const log: TrialLog = { aborted: 0, subscribed: 0 }
  serve(trial, trialHandlers(log), far)
  return connect(trial, near)
}

const overDom = (): { client: Client<typeof trial>; sever: () => void } => {
  const { port1, port2 } = new MessageChannel()
  cleanups.push(() => port1.close())
  return { client: clientOf(domPort(port1), domPort(port2)), sever: () => port2.close() }
}

/** Electron's ports emit events that carry the message; here over a real channel that clones. */
const electronLike = (port: MessagePort): EventPort => {
  const emitter = new EventEmitter()
  port.addEventListener('message', ({ data }) => emitter.emit('message', { data, ports: [] }))
  port.addEventListener('close', () => emitter.emit('close'))
  return Object.assign(emitter, {
    postMessage: (value: unknown) => port.postMessage(value),
    start: () => port.start(),
    close: () => port.close(),
  })
}

const overElectron = () => {
  const { port1, port2 } = new MessageChannel()
  cleanups.push(() => port1.close())
  return {
    client: clientOf(emitterPort(electronLike(port1)), emitterPort(electronLike(port2))),
    sever: () => port2.close(),
  }
}

const overFork = () => {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), { serialization: 'advanced' })
  cleanups.push(() => child.kill('SIGKILL'))
  return { client: connect(trial, channelPort(child)), sever: () => child.kill('SIGKILL') }
}

const overSocket = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => serve(trial, trialHandlers({ aborted: 0, subscribed: 0 }), socketPort(socket)))
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  cleanups.push(() => {
    socket.terminate()
    server.close()
  })
  const sever = () => sockets.clients.forEach((other) => other.terminate())
  return { client: connect(trial, socketPort(socket)), sever, socket }
}

describe.for([
  ['a DOM message channel', overDom],
  ['Electron’s ports', overElectron],
  ['a forked process', overFork],
  ['a WebSocket', overSocket],
] as const)('over %s', ([, join]) => {
  test('a typed array goes there and back', async () => {
    const { client } = await join()
    const values = Float32Array.from({ length: 100_000 }, (_, i) => i)
    const answer = await client.double({ values })
    expect(answer).toBeInstanceOf(Float32Array)
    expect(answer.length).toBe(100_000)
    expect(answer[99_999]).toBe(199_998)
  })

  test('a stream can be cancelled', async () => {
    const { client } = await join()
    const controller = new AbortController()
    const call = client.forever({}, { signal: controller.signal, onPart: () => controller.abort() })
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('the other end’s death rejects calls in flight with engine-gone', async () => {
    const { client, sever } = await join()
    let severed = false
    const call = client.forever({}, { onPart: () => (severed ||= (sever(), true)) })
    await expect(call).rejects.toMatchObject({ code: 'engine-gone' })
    await expect(client.count({ to: 1 })).rejects.toMatchObject({ code: 'engine-gone' })
  })
})

describe('a socket port', () => {
  test('keeps what is sent before the socket opens', async () => {
    const { client } = await overSocket()
    expect(await Promise.all([client.count({ to: 1 }), client.count({ to: 2 })])).toEqual([
      'counted to 1',
      'counted to 2',
    ])
  })

  test.for([Buffer.from('not a frame'), 'text'])('closes on what is no frame: %s', async (bad) => {
    const { client, socket } = await overSocket()
    await client.count({ to: 1 })
    socket.send(bad)
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(4400)
  })

  test('over a socket that is closed already closes at once', async () => {
    const { client, socket } = await overSocket()
    await client.count({ to: 1 })
    socket.close()
    await once(socket, 'close')
    await new Promise<void>((resolve) => socketPort(socket satisfies Socket).onClose(resolve))
  })
})
