import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createPlain, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/contract/errors.ts'
import { createNet, type NetOptions } from '../../../src/engine/net/net.ts'
import { networkError } from '../../../src/engine/net/network-error.ts'
import { startHub, type Hub } from '../../support/hub-server.ts'
import { hasty } from './downloads.ts'
import { startProxy, type Proxy } from './proxy-server.ts'
import { certificate } from './certificate.ts'

let hub: Hub
let proxy: Proxy
let url: string
beforeAll(async () => {
  hub = await startHub()
  proxy = await startProxy()
  url = hub.file('hello.txt', 'hello')
})
afterAll(() => Promise.all([hub.close(), proxy.close()]))

const get = async (address: string, options: NetOptions): Promise<string> => {
  const net = createNet({ ...hasty, ...options })
  try {
    return await (await net.fetch(address)).text()
  } finally {
    await net.close()
  }
}

const failure = async (address: string, options: NetOptions = {}): Promise<EngineError> => {
  const error: unknown = await get(address, options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  expect((error as EngineError).code).toBe('no-network')
  return error as EngineError
}

/** Answers host:port. */
const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What went through the proxy meanwhile. */
const through = async (work: () => Promise<unknown>): Promise<string[]> => {
  const before = proxy.seen.length
  await work()
  return proxy.seen.slice(before)
}

describe('the proxy that the environment names', () => {
  test('forwards plain http, in either spelling and without a scheme', async () => {
    for (const env of [
      { HTTP_PROXY: `http://${proxy.host}` },
      { http_proxy: `http://${proxy.host}` },
      { http_proxy: proxy.host },
    ])
      expect(await through(async () => expect(await get(url, { env })).toBe('hello'))).toEqual([`GET ${url}`])
  })

  test('tunnels https, to which it is no more than a wire', async () => {
    const server = createServer(certificate, (_, response) => response.end('secret'))
    const host = await listen(server)
    const env = { HTTPS_PROXY: `http://${proxy.host}` }
    const seen = await through(async () => {
      const error = await failure(`https://${host}/path?token=hf_secret`, { env })
      expect(error.message).toMatch(new RegExp(`^the certificate of ${host} is not trusted .*NODE_EXTRA_CA_CERTS$`))
      // Node reads that file when it starts
      const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
      const file = join(folder, 'certificate.pem')
      writeFileSync(file, certificate.cert)
      const code = `const { createNet } = await import(${JSON.stringify(new URL('../../../src/engine/net/net.ts', import.meta.url))})
        console.log(await (await createNet().fetch('https://${host}/')).text())`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
        env: { ...env, NODE_EXTRA_CA_CERTS: file },
      })
      expect(stdout).toBe('secret\n')
      rmSync(folder, { recursive: true })
    })
    expect(seen).toEqual([`CONNECT ${host}`, `CONNECT ${host}`])
    server.closeAllConnections()
    server.close()
  })

  test('is left aside for the hosts in NO_PROXY', async () => {
    const named = { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: 'example.org,localhost' }
    expect(await through(() => get(url, { env: named }))).toEqual([])
    expect(await through(() => get(url.replace('localhost', '127.0.0.1'), { env: named }))).toHaveLength(1)
    expect(await through(() => get(url, { env: { ...named, NO_PROXY: '*' } }))).toEqual([])
    expect(await through(() => get(url, { env: { ...named, NO_PROXY: '', no_proxy: 'localhost' } }))).toEqual([])
  })

  test('is given its name and password, and shown without them', async () => {
    const env = { HTTP_PROXY: `http://someone:pass%20word@${proxy.host}` }
    await get(url, { env })
    expect(proxy.credentials.at(-1)).toBe(`Basic ${Buffer.from('someone:pass word').toString('base64')}`)
    expect(createNet({ env }).proxy).toBe(proxy.host)
    expect(createNet({ env: {} }).proxy).toBe('')
    expect(createNet({ env: { HTTPS_PROXY: 'http://a:b@secure:3128', HTTP_PROXY: 'http://plain' } }).proxy).toBe(
      'secure:3128',
    )
  })

  test('that refuses is named, and what to do', async () => {
    const refusing = await startProxy({ refuses: 407 })
    const env = { HTTPS_PROXY: `http://a:b@${refusing.host}` }
    const error = await failure('https://hub.invalid/x', { env })
    expect(error.message).toBe(
      `the proxy ${refusing.host} refuses the connection to hub.invalid (status 407); put its name and password into HTTPS_PROXY`,
    )
    const forwarding = await failure('http://hub.invalid/x', { env: { HTTP_PROXY: `http://a:b@${refusing.host}` } })
    expect(forwarding.message).toContain(`the proxy ${refusing.host} refuses`)
    await refusing.close()
  })

  test('that falls silent is said', async () => {
    const silent = createPlain()
    const env = { HTTPS_PROXY: `http://${await listen(silent)}`, HTTP_PROXY: '' }
    expect((await failure('https://hub.invalid/x', { env })).message).toMatch(/fell silent|does not answer/)
    silent.close()
  })

  test('that is not there, or no address, is said', async () => {
    expect((await failure(url, { env: { HTTP_PROXY: 'http://127.0.0.1:9' } })).message).toMatch(
      /127\.0\.0\.1:9 refuses the connection; check the address and that the proxy 127\.0\.0\.1:9 runs$/,
    )
    expect((await failure(url, { env: { HTTP_PROXY: 'http://[' } })).message).toBe(
      'HTTP_PROXY does not name a proxy; write it as http://host:port',
    )
  })

  test('whose name means nothing is blamed, and not the host', async () => {
    const env = { HTTPS_PROXY: 'http://proxy.invalid:3128' }
    expect((await failure('https://hub.invalid/x', { env })).message).toBe(
      'the proxy proxy.invalid:3128 cannot be found; check HTTP_PROXY and HTTPS_PROXY',
    )
  })

  test('of this process itself has no part in it', async () => {
    process.env.http_proxy = `http://${proxy.host}`
    expect(await through(() => get(url, { env: {} }))).toEqual([])
    delete process.env.http_proxy
  })
})

describe('offline', () => {
  test('nothing is asked while HF_HUB_OFFLINE is set', async () => {
    for (const HF_HUB_OFFLINE of ['1', 'true', 'YES', 'on']) {
      const before = hub.requests.length
      expect((await failure(`${url}?token=x`, { env: { HF_HUB_OFFLINE } })).message).toBe(
        `${new URL(url).host} is not asked: HF_HUB_OFFLINE tells this program to stay offline; unset it to download`,
      )
      expect(hub.requests).toHaveLength(before)
    }
  })

  test('other values do not', async () => {
    for (const HF_HUB_OFFLINE of ['0', 'false', '']) expect(await get(url, { env: { HF_HUB_OFFLINE } })).toBe('hello')
  })
})

describe('a failure to get an answer', () => {
  test('says that a host cannot be found', async () => {
    expect((await failure('http://nowhere.invalid/x?token=hf_secret')).message).toBe(
      "nowhere.invalid cannot be found; check this machine's connection, or name a proxy in HTTPS_PROXY",
    )
  })

  test('says that a host does not answer, or answers something else', async () => {
    const silent = createPlain()
    const strange = createPlain((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    expect((await failure(`http://${await listen(silent)}/`)).message).toContain('fell silent')
    expect((await failure(`http://${await listen(strange)}/`)).message).toContain('cannot be reached (HTTPParserError)')
    silent.close()
    strange.close()
  })

  test('says that redirects have no end', async () => {
    const circle = createHttp((request, response) => response.writeHead(302, { location: request.url! }).end())
    expect((await failure(`http://${await listen(circle)}/hf_secret`)).message).toMatch(/to the next without end/)
    circle.close()
  })

  test('names the place that did not answer, which a redirect may have led to', () => {
    const message = 'Connect Timeout Error (attempted address: cdn.invalid:443, timeout: 15000ms)'
    const late = Object.assign(new Error(message), { code: 'UND_ERR_CONNECT_TIMEOUT' })
    expect(networkError(late, 'https://hub.invalid/x').message).toBe(
      "hub.invalid cannot be reached: cdn.invalid:443 does not answer; check this machine's connection, and try again",
    )
  })

  test('never repeats a name, password, path or query', async () => {
    const error = await failure('http://me:hf_secret@127.0.0.1:9/hf_secret?token=hf_secret')
    expect([error.message, error.stack, JSON.stringify(error.detail)].join()).not.toContain('hf_secret')
    expect(networkError(new Error('hf_secret'), 'no address').message).not.toContain('hf_secret')
  })

  test('of a call that was given up is the caller’s own', async () => {
    const net = createNet(hasty)
    const reason = new Error('enough')
    await expect(net.fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await net.close()
  })
})
