import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { hubFolders } from '../../../../src/engine/models/hub/folders.ts'
import {
  blobPath,
  isSafePath,
  refPath,
  repoFolder,
  repoOf,
  snapshotFolder,
} from '../../../../src/engine/models/hub/layout.ts'

test('the cache is where Python keeps it', () => {
  const cache = (env: NodeJS.ProcessEnv): string => hubFolders(env).cache
  expect(cache({})).toBe(join(homedir(), '.cache', 'huggingface', 'hub'))
  expect(cache({ XDG_CACHE_HOME: '/x' })).toBe(resolve('/x/huggingface/hub'))
  expect(cache({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' })).toBe(resolve('/h/hub'))
  expect(cache({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' })).toBe(resolve('/old'))
  expect(cache({ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/c' })).toBe(resolve('/c'))
  expect(cache({ HF_HOME: '~/models' })).toBe(join(homedir(), 'models', 'hub'))
  expect(cache({ HF_HOME: '$PLACE/a', PLACE: '/p' })).toBe(resolve('/p/a/hub'))
  expect(cache({ HF_HOME: '' })).toBe(cache({}))
})

test('the token file lies beside it, or where HF_TOKEN_PATH says', () => {
  expect(hubFolders({ HF_HOME: '/h' }).tokenFile).toBe(resolve('/h/token'))
  expect(hubFolders({ HF_HOME: '/h', HF_TOKEN_PATH: '/t' }).tokenFile).toBe(resolve('/t'))
})

test('a repository is a folder with its owner and its name, and back', () => {
  expect(repoFolder('/c', 'openai/whisper-tiny')).toBe(join('/c', 'models--openai--whisper-tiny'))
  expect(repoOf('models--openai--whisper-tiny')).toBe('openai/whisper-tiny')
  for (const other of ['models--gpt2', 'datasets--a--b', '.locks', 'CACHEDIR.TAG']) expect(repoOf(other)).toBeNull()
})

test('a name from a file list never leaves its folder', () => {
  for (const good of ['config.json', 'onnx/model.onnx', 'a/b/c.txt', '..config', 'ünï.json'])
    expect(isSafePath(good)).toBe(true)
  for (const bad of [
    '',
    '..',
    '../x',
    'a/../b',
    '/etc/passwd',
    'a//b',
    './a',
    'a\\b',
    'C:/x',
    'C:\\x',
    'a\0b',
    'a\nb',
    'a/',
  ])
    expect(isSafePath(bad), JSON.stringify(bad)).toBe(false)
})

test('only hashes name blobs and snapshots', () => {
  const sha = 'a'.repeat(40)
  expect(snapshotFolder('/m', sha)).toBe(join('/m', 'snapshots', sha))
  expect(blobPath('/m', 'b'.repeat(64))).toBe(join('/m', 'blobs', 'b'.repeat(64)))
  for (const bad of ['../../x', 'A'.repeat(40), 'a'.repeat(41), ''])
    expect(() => [blobPath('/m', bad), snapshotFolder('/m', bad)]).toThrow('which it is not')
})

test('a revision with a slash is a folder of refs, and none leaves it', () => {
  expect(refPath('/m', 'refs/pr/1')).toBe(join('/m', 'refs', 'refs', 'pr', '1'))
  expect(() => refPath('/m', '../../x')).toThrow('no name of a branch')
})
