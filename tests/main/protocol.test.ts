import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { rendererFolder } from '../../src/engine/paths.ts'

vi.mock('electron', () => import('./fake-electron.ts'))
const { protocol } = await import('./fake-electron.ts')
const { answerPage, registerScheme } = await import('../../src/main/protocol.ts')

const get = (url: string, method = 'GET') => answerPage(new Request(url, { method }))

test('the scheme is standard and secure and bypasses no policy', () => {
  registerScheme()
  expect(protocol.schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
})

test('every answer carries the content-security policy, also a refusal', async () => {
  const built = existsSync(join(rendererFolder, 'index.html'))
  for (const url of [...(built ? ['app://main/index.html'] : []), 'app://main/missing.js']) {
    const response = await get(url)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('nothing outside the renderer folder is answered', async () => {
  for (const url of [
    'app://main/../main/index.js',
    'app://main/..%2f..%2fpackage.json',
    'app://other/index.html',
    'app://main/%2e%2e/%2e%2e/package.json',
    'app://main/%ff.js',
  ]) {
    expect((await get(url)).status, url).toBe(404)
  }
})

test('only GET and HEAD are answered', async () => {
  expect((await get('app://main/index.html', 'POST')).status).toBe(405)
})
