import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/**
 * Loaded by NODE_OPTIONS into every Node process of a command, and its threads: whoever turns to anything but this machine is
 * refused, and remembered in the file that OTOSCOPE_TEST_ATTEMPTS names. tls, http, https, fetch and WebSocket all connect a
 * `net.Socket` in the end.
 */

const log = process.env['OTOSCOPE_TEST_ATTEMPTS']
const remember = (what: string): void => {
  if (log) appendFileSync(log, `${what}\n`)
}

type Callable = (...input: unknown[]) => unknown

const isHere = (host: unknown): boolean =>
  host === undefined ||
  host === null ||
  host === '' ||
  (typeof host === 'string' && /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i.test(host))

const refusal = (what: string): Error =>
  Object.assign(new Error(`refused by a test: ${what}`), { code: 'ECONNREFUSED', syscall: 'connect' })

/** `connect(options)`, `connect(port, host)`, `connect(path)`, or the list that `net.connect` makes of them. */
const targetOf = (input: unknown[]): { host?: unknown; port?: unknown } => {
  const [first, second] = Array.isArray(input[0]) ? (input[0] as unknown[]) : input
  if (typeof first === 'object' && first !== null) return 'path' in first && first.path ? {} : first
  return typeof first === 'number' || /^\d+$/.test(String(first)) ? { port: first, host: second } : {}
}

const connect = net.Socket.prototype.connect as Callable
net.Socket.prototype.connect = function (this: net.Socket, ...input: unknown[]) {
  const { host, port } = targetOf(input)
  if (typeof host === 'function' || isHere(host)) return connect.apply(this, input)
  remember(`connect ${String(host)}:${String(port)}`)
  process.nextTick(() => this.destroy(refusal(String(host))))
  return this
} as typeof net.Socket.prototype.connect

for (const name of ['send', 'connect'] as const) {
  const original = dgram.Socket.prototype[name] as Callable
  dgram.Socket.prototype[name] = function (this: dgram.Socket, ...input: unknown[]) {
    const host = input.slice(name === 'send' ? 1 : 0).find((one) => typeof one === 'string')
    if (isHere(host)) return original.apply(this, input)
    remember(`datagram ${String(host)}`)
    throw refusal(String(host))
  } as never
}

/** Every way to ask for a name's address; what is here is answered as ever. */
const refuseNames = (names: object): void => {
  for (const [name, original] of Object.entries(names) as [string, unknown][]) {
    if (typeof original !== 'function' || !/^(lookup|resolve|reverse)/.test(name)) continue
    ;(names as Record<string, Callable>)[name] = function (this: unknown, ...input: unknown[]) {
      if (isHere(input[0])) return (original as Callable).apply(this, input)
      remember(`${name} ${String(input[0])}`)
      const answer = input.at(-1)
      if (typeof answer === 'function') return process.nextTick(answer, refusal(String(input[0])))
      return Promise.reject(refusal(String(input[0])))
    }
  }
}
refuseNames(dns)
refuseNames(dns.promises)
refuseNames(dns.Resolver.prototype)
refuseNames(dns.promises.Resolver.prototype)
syncBuiltinESMExports()

remember(`watched ${process.argv.slice(1).join(' ')}`)
