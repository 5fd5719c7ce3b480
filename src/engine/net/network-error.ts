import { EngineError } from '../../contract/errors.ts'

/** The host and port of an address, for a sentence: never its name, password, path or query. Empty where it is no address. */
export const hostOf = (url: string): string => {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}

interface LowLevel {
  name?: string
  code?: string
  message?: string
  hostname?: string
  address?: string
  port?: number
  status?: number
}

/**
 * A failure below http, thrown by `fetch` or while a body is read, as one sentence. `detail.cause` is the system's code. Nothing of
 * the original message is kept: it may hold a signed address.
 */
export const networkError = (error: unknown, url: string, proxy = ''): EngineError => {
  if (error instanceof EngineError) return error
  const cause = deepest(error)
  const code =
    proxyRefusal(cause) ??
    cause.code ??
    refusals.find((message) => message === cause.message) ??
    cause.name ??
    'unknown'
  const host = hostOf(url) || 'the address'
  return new EngineError('no-network', sentence(code, cause, host, proxy), { cause: code, host })
}

/** The innermost cause that has a code, else the innermost. */
const deepest = (error: unknown): LowLevel => {
  let found: LowLevel = {}
  for (let at = error as (Error & LowLevel) | undefined; at; at = at.cause as typeof at)
    if (at.code !== undefined || found.code === undefined) found = at
  return found
}

const proxyRefusal = ({ message = '' }: LowLevel): string | null =>
  /Proxy (response|Authentication)/.test(message) ? `PROXY_${/\((\d{3})\)/.exec(message)?.[1] ?? 'REFUSED'}` : null

const sentence = (code: string, cause: LowLevel, host: string, proxy: string): string => {
  const place = placeOf(cause) ?? host
  const through = proxy && ` and that the proxy ${proxy} runs`
  if (code.startsWith('PROXY_')) return proxyRefuses(code, host, proxy)
  if (certificate.test(code))
    return `the certificate of ${host} is not trusted (${code}); behind a proxy that inspects connections, name its certificate file in NODE_EXTRA_CA_CERTS`
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      if (cause.hostname && cause.hostname === proxy.replace(/:\d+$/, ''))
        return `the proxy ${proxy} cannot be found; check HTTP_PROXY and HTTPS_PROXY`
      return `${cause.hostname ?? host} cannot be found; check this machine's connection, or name a proxy in HTTPS_PROXY`
    case 'ECONNREFUSED':
      return `${host} cannot be reached: ${place} refuses the connection; check the address${through}`
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
      return `${host} cannot be reached: there is no way to it from this machine; check its connection`
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return `${host} cannot be reached: ${place} does not answer; check this machine's connection${through}, and try again`
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return `${host} fell silent in the middle of an answer; try again later`
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `the connection to ${host} was cut off; try again`
    case redirects:
      return `${host} sends this program from one address to the next without end; check its address`
    case 'bad port':
      return `${host} cannot be reached: no browser and no program asks this port for pages; check its address`
    default:
      return `${host} cannot be reached (${code}); check its address and this machine's connection`
  }
}

const redirects = 'redirect count exceeded'
/** What fetch itself refuses has no code, and one of these messages. */
const refusals = [redirects, 'bad port']

/** Where it was tried: of a host that redirects, this may be another one. */
const placeOf = ({ address, port, message = '' }: LowLevel): string | null =>
  address ? `${address}:${port}` : (/\(attempted address(?:es)?: ([^,)]+)/.exec(message)?.[1] ?? null)

const certificate = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|ERR_TLS_CERT|UND_ERR_PRX_TLS)/

const proxyRefuses = (code: string, host: string, proxy: string): string => {
  const what = `the proxy ${proxy} refuses the connection to ${host} (status ${code.slice('PROXY_'.length)})`
  return code === 'PROXY_407'
    ? `${what}; put its name and password into HTTPS_PROXY`
    : `${what}; name another in HTTPS_PROXY, or the host in NO_PROXY`
}
