import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { engine as contract, type EngineHandlers } from '../contract/engine.ts'
import { EngineError } from '../contract/errors.ts'
import type { HostHandlers } from '../contract/host.ts'
import { serve } from '../rpc/serve.ts'
import { socketPort } from '../rpc/ports/socket.ts'
import { answerText } from './answer.ts'
import { createGate, type Gate } from './gate.ts'
import { securityHeaders } from './headers.ts'
import { servePage } from './page.ts'
import { createUploads, type Uploads } from './uploads.ts'

export interface ServedPage {
  /** the address with its token: whoever has it may use the engine until the server ends */
  url: string
  close(): Promise<void>
}

export interface ServerOptions {
  handlers: EngineHandlers
  open: HostHandlers['files.open']
  /** the built page */
  folder: string
  /** 0 for any free port */
  port: number
  uploadLimitBytes?: number
  /** hears what is a bug of ours */
  onError?: (error: unknown) => void
}

/** The page and the engine's contract on 127.0.0.1. Throws `bad-input` where the port is taken. */
export const startServer = async (options: ServerOptions): Promise<ServedPage> => {
  const server = createServer()
  const port = await listen(server, options.port)
  const token = randomBytes(24).toString('base64url')
  const gate = createGate(port, token)
  const uploads = createUploads(options.open, options.uploadLimitBytes)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(securityHeaders(port))) response.setHeader(name, value)
    void answer(options, gate, uploads, request, response).catch((error: unknown) => {
      options.onError?.(error)
      if (response.headersSent) response.destroy()
      else answerText(response, 500, 'something went wrong')
    })
  })
  const sockets = serveSockets(server, gate, port, options)
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      uploads.close()
    },
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'it is in use' : (error.code ?? error.message)
      reject(new EngineError('bad-input', `port ${port} cannot be served: ${why}; choose another with --port`))
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const answer = async (
  options: ServerOptions,
  gate: Gate,
  uploads: Uploads,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const refused = gate.refuse(request)
  if (refused) return answerText(response, refused, refusals[refused])
  const cookie = gate.cookie(request)
  if (cookie) response.setHeader('Set-Cookie', cookie)
  const path = (request.url ?? '/').split('?')[0]
  if (request.method === 'POST' && path === '/recordings') return uploads.receive(request, response)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answerText(response, 405, `${request.method} is not answered here`)
  if (path === '/favicon.ico') return void response.writeHead(204).end()
  return servePage(options.folder, request, response)
}

const refusals = {
  401: 'open the address that otoscope serve printed: its token is missing here or wrong',
  403: 'requests from other sites are refused',
}

/** The engine's contract on /rpc; a refused upgrade is answered like any other request. */
const serveSockets = (server: Server, gate: Gate, port: number, options: ServerOptions): WebSocketServer => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 2 ** 22 })
  sockets.on('connection', (socket) =>
    serve(contract, options.handlers, socketPort(socket), { onError: (error) => options.onError?.(error) }),
  )
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '/').split('?')[0]
    const refused = gate.refuse(request) ?? (path === '/rpc' ? null : 404)
    if (refused) return refuseUpgrade(socket as Socket, refused, port)
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
  })
  return sockets
}

const refuseUpgrade = (socket: Socket, status: 401 | 403 | 404, port: number): void => {
  const reason = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status]
  const headers = { ...securityHeaders(port), Connection: 'close', 'Content-Length': '0' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${reason}`, ...lines, '', ''].join('\r\n'))
}
