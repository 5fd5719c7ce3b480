import { createServer, request as ask, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** A proxy: forwards plain http, tunnels what is asked for with CONNECT, and remembers both. */
export interface Proxy {
  /** host:port */
  host: string
  /** "GET http://…" and "CONNECT host:port" */
  seen: string[]
  /** the Proxy-Authorization headers that came */
  credentials: (string | undefined)[]
  close(): Promise<void>
}

/** `refuses`: a status that everything is answered with. */
export const startProxy = async ({ refuses }: { refuses?: number } = {}): Promise<Proxy> => {
  const seen: string[] = []
  const credentials: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const note = ({ method, url, headers }: IncomingMessage): void => {
    seen.push(`${method} ${url}`)
    credentials.push(headers['proxy-authorization'])
  }
  const server = createServer((request, response) => {
    note(request)
    if (refuses) return void response.writeHead(refuses).end()
    const forwarded = ask(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.writeHead(502).end())
    request.pipe(forwarded)
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, socket: Socket) => {
    note(request)
    socket.on('error', () => undefined) // the client went away
    if (refuses) return void socket.end(`HTTP/1.1 ${refuses} No\r\n\r\n`)
    const [host = '', port] = (request.url ?? '').split(':')
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    sockets.add(far)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen, credentials, close }
}
