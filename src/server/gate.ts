import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may speak to the server. Any page on the web can send requests to 127.0.0.1, so the Host (against rebound names), the
 * Origin (against foreign pages) and a secret token are each checked, for WebSocket upgrades too.
 */
export interface Gate {
  /** 403 for a foreign Host or Origin, 401 without the token, null where the request may pass */
  refuse(request: IncomingMessage): 401 | 403 | null
  /** value of Set-Cookie for a request that came with the token in its address, else null */
  cookie(request: IncomingMessage): string | null
}

export const createGate = (port: number, token: string): Gate => {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  // cookies are shared by all ports of a host: the port is in the name
  const cookieName = `otoscope-${port}`
  const inQuery = (request: IncomingMessage): boolean => same(queryOf(request).get('token'), token)
  return {
    refuse: (request) => {
      const { host, origin, authorization, cookie } = request.headers
      if (!host || !hosts.includes(host)) return 403
      if (origin !== undefined && !hosts.some((known) => origin === `http://${known}`)) return 403
      const offered = [authorization?.replace(/^Bearer /, ''), readCookie(cookie, cookieName)]
      return inQuery(request) || offered.some((value) => same(value, token)) ? null : 401
    },
    cookie: (request) => (inQuery(request) ? `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict` : null),
  }
}

export const queryOf = (request: IncomingMessage): URLSearchParams =>
  new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'))

const readCookie = (header: string | undefined, name: string): string | undefined =>
  header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** In constant time, so that the token cannot be guessed byte by byte. */
const same = (offered: string | null | undefined, token: string): boolean => {
  if (!offered) return false
  const [a, b] = [Buffer.from(offered), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}
