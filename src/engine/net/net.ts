import type { Dispatcher, fetch as undiciFetch } from 'undici'
import { EngineError } from '../../contract/errors.ts'
import { hostOf, networkError } from './network-error.ts'

/** The only way out of this machine. Nothing is asked before `fetch` is called. */
export interface Net {
  /**
   * As the web's own `fetch`, through the proxy that the environment names. A failure to get an answer is an `EngineError`
   * `no-network` whose sentence names the host; an aborted call throws its signal's reason. Answers of any status are returned.
   * What fails later, while a body is read, is not of ours yet: give it to `networkError`.
   */
  fetch: typeof fetch
  /** HF_HUB_OFFLINE is set: `fetch` refuses */
  offline: boolean
  /** the proxy's host and port, without name and password; empty without one */
  proxy: string
  /** milliseconds before a failed request is tried again the first time; doubled each time */
  firstWait: number
  /** cuts what is under way */
  close(): Promise<void>
}

export interface NetOptions {
  env?: NodeJS.ProcessEnv
  /** milliseconds: until a connection stands, until an answer begins, and of silence within it */
  timeouts?: { connect: number; headers: number; body: number }
  firstWait?: number
}

const patient = { connect: 15_000, headers: 30_000, body: 30_000 }

export const createNet = ({ env = process.env, timeouts = patient, firstWait = 1000 }: NetOptions = {}): Net => {
  const offline = ['1', 'true', 'yes', 'on'].includes((env.HF_HUB_OFFLINE ?? '').toLowerCase())
  const proxies = proxiesOf(env)
  const proxy = hostOf(proxies.httpsProxy || proxies.httpProxy)
  let opened: Promise<Opened> | undefined
  return {
    offline,
    proxy,
    firstWait,
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      if (offline) throw new EngineError('no-network', offlineSentence(url))
      try {
        const { fetch, dispatcher } = await (opened ??= open(proxies, timeouts))
        // the types of undici and of Node describe the same thing twice
        return (await fetch(input as string, { ...init, dispatcher } as object)) as unknown as Response
      } catch (error) {
        if (init?.signal?.aborted) throw error
        throw networkError(error, url, proxy)
      }
    },
    close: async () => {
      const used = await opened?.catch(() => undefined) // it said so to whoever asked
      await used?.dispatcher.destroy()
    },
  }
}

const offlineSentence = (url: string): string =>
  `${hostOf(url)} is not asked: HF_HUB_OFFLINE tells this program to stay offline; unset it to download`

interface Opened {
  fetch: typeof undiciFetch
  dispatcher: Dispatcher
}

/** undici is loaded when the network is first wanted: most commands never do. */
const open = async (proxies: Proxies, timeouts: typeof patient): Promise<Opened> => {
  for (const [name, value] of [
    ['HTTP_PROXY', proxies.httpProxy],
    ['HTTPS_PROXY', proxies.httpsProxy],
  ] as const)
    if (value && !URL.canParse(value))
      throw new EngineError('no-network', `${name} does not name a proxy; write it as http://host:port`)
  const { EnvHttpProxyAgent, Pool, fetch } = await import('undici')
  const limits = { headersTimeout: timeouts.headers, bodyTimeout: timeouts.body }
  const dispatcher = new EnvHttpProxyAgent({
    ...proxies,
    ...limits,
    connect: { timeout: timeouts.connect },
    proxyTls: { timeout: timeouts.connect },
    // plain http is forwarded, not tunnelled: most proxies refuse CONNECT to other ports than 443
    proxyTunnel: false,
    factory: (origin, options) => new Pool(origin, { ...options, ...limits }),
    clientFactory: (origin, options) => new Pool(origin, { ...options, ...limits }),
  })
  return { fetch, dispatcher }
}

interface Proxies {
  httpProxy: string
  httpsProxy: string
  noProxy: string
}

/** Empty strings, not nothing: for nothing undici would look into the environment of the process. */
const proxiesOf = (env: NodeJS.ProcessEnv): Proxies => ({
  httpProxy: withScheme(env.http_proxy ?? env.HTTP_PROXY ?? ''),
  httpsProxy: withScheme(env.https_proxy ?? env.HTTPS_PROXY ?? ''),
  noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
})

const withScheme = (proxy: string): string => (proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`)
