import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'
import { z } from 'zod'
import { query } from '../../src/contract/contract.ts'
import { connect } from '../../src/rpc/connect.ts'
import { serve } from '../../src/rpc/serve.ts'
import { socketPort, type Socket } from '../../src/rpc/ports/socket.ts'
import { printTable, times } from './measure.ts'
import { noise } from './material.ts'

/** A call answered with 4.6 MB over a WebSocket, against a plain http answer of the same bytes. */
const data = noise(1500 * 768)
const contract = { answer: query<{ data: Float32Array }>()(z.object({})) }

const server = createServer((_request, response) => response.end(Buffer.from(data.buffer)))
const sockets = new WebSocketServer({ server })
sockets.on('connection', (socket) =>
  serve(contract, { answer: () => ({ data }) }, socketPort(socket as unknown as Socket)),
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

const socket = new WebSocket(`ws://127.0.0.1:${port}`)
const client = connect(contract, socketPort(socket as unknown as Socket))
const found = await times(
  () => client.answer({}),
  async () => (await fetch(`http://127.0.0.1:${port}`)).arrayBuffer(),
  41,
)
printTable([{ what: 'a call answered with 4.6 MB', against: 'http', ...found }])
socket.terminate()
sockets.close()
server.close()
server.closeAllConnections()
