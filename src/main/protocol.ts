import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { protocol } from 'electron'
import { pagePolicy } from '../contract/page-policy.ts'
import { rendererFolder } from '../engine/paths.ts'

/** The page's own scheme: files of the built renderer and nothing else, with the policy on every answer. */

export const pageUrl = 'app://main/index.html'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
}

/** Before `ready`, once. */
export const registerScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])

const headers = (type: string): Record<string, string> => ({
  'content-type': type,
  'content-security-policy': pagePolicy("'self'"),
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
})

/** 200 for a file of the renderer folder, 404 for anything else, 405 for other methods. */
export const answerPage = async (request: Request): Promise<Response> => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers: headers('text/plain') })
  const url = new URL(request.url)
  const file = normalize(join(rendererFolder, decoded(url.pathname)))
  const type = types[extname(file)]
  if (url.host !== 'main' || !file.startsWith(rendererFolder + sep) || !type)
    return new Response(null, { status: 404, headers: headers('text/plain') })
  const bytes = await readFile(file).catch(() => null)
  if (!bytes) return new Response(null, { status: 404, headers: headers('text/plain') })
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(bytes), { headers: headers(type) })
}

/** A name that is no text names no file. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

export const servePage = (): void => protocol.handle('app', answerPage)
