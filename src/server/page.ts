import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { answerText } from './answer.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/** Answers with a file of the built page's `folder`; 404 for anything that is not a file inside it. */
export const servePage = async (folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const file = fileOf(folder, request.url ?? '/')
  const size = file === null ? null : await sizeOf(file)
  if (file === null || size === null) return answerText(response, 404, missing(request.url ?? '/'))
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Length': size,
  })
  if (request.method === 'HEAD') return void response.end()
  // a reader that goes away is no failure of ours
  await pipeline(createReadStream(file), response).catch(() => response.destroy())
}

/** The path a URL names inside `folder`, or null where it is malformed or leads out of it. */
const fileOf = (folder: string, url: string): string | null => {
  const path = decoded(url.split('?')[0] ?? '/')
  if (path === null || path.includes('\0') || path.includes('\\')) return null
  const file = resolve(folder, join('.', path === '/' ? 'index.html' : path))
  return file.startsWith(resolve(folder) + sep) ? file : null
}

const decoded = (path: string): string | null => {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}

const sizeOf = async (file: string): Promise<number | null> => {
  const found = await stat(file).catch(() => null)
  return found?.isFile() ? found.size : null
}

const missing = (url: string): string =>
  url.split('?')[0] === '/' ? 'the page is not built: run npm run build' : 'there is nothing here'
