import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { cachedModels } from '../../../../src/engine/models/hub/cached.ts'
import { startHub, type Hub } from '../../../support/hub-server.ts'
import { testNeeding } from '../../../support/needs.ts'
import { runPython } from '../../../support/python.ts'
import { machine, repository, type Machine } from './stage.ts'

let server: Hub
let commit: string
beforeAll(async () => {
  server = await startHub()
  commit = server.commit('onnx-community/whisper-tiny', repository('whisper'))
})
afterAll(() => server.close())

const python = ({ env }: Machine, script: string): Promise<string> => runPython(script, env)

testNeeding('huggingface')('what we download, Python finds without asking anybody', async () => {
  await using here = machine(server.endpoint)
  const { folder } = await here.pull('whisper-tiny')
  const from = server.requests.length
  const found = await python(
    here,
    `from huggingface_hub import snapshot_download, hf_hub_download, scan_cache_dir
import json
info = scan_cache_dir()
repo = list(info.repos)[0]
revision = list(repo.revisions)[0]
print(json.dumps({
  'folder': snapshot_download('onnx-community/whisper-tiny', local_files_only=True),
  'file': hf_hub_download('onnx-community/whisper-tiny', 'onnx/encoder_model.onnx', local_files_only=True),
  'warnings': [str(w) for w in info.warnings], 'repo': repo.repo_id, 'commit': revision.commit_hash,
  'refs': sorted(revision.refs), 'files': len(revision.files)}))`,
  )
  expect(JSON.parse(found)).toEqual({
    folder,
    file: join(folder, 'onnx', 'encoder_model.onnx'),
    warnings: [],
    repo: 'onnx-community/whisper-tiny',
    commit,
    refs: ['main'],
    files: 13,
  })
  expect(server.requests.length).toBe(from)
})

testNeeding('huggingface')('what Python downloads, we find, and do not download again', async () => {
  await using here = machine(server.endpoint)
  const folder = await python(
    here,
    `from huggingface_hub import snapshot_download
print(snapshot_download('onnx-community/whisper-tiny'))`,
  )
  expect(cachedModels(here.cache)).toEqual([
    { id: 'whisper-tiny', repo: 'onnx-community/whisper-tiny', revision: commit, folder },
  ])
  const from = server.requests.length
  const { folder: ours } = await here.pull('whisper-tiny')
  expect(ours).toBe(folder)
  expect(server.requests.slice(from).every(({ path }) => path.startsWith('/api/'))).toBe(true)
  expect(() => here.hub.remove('onnx-community/whisper-tiny')).toThrow('was downloaded by another program')
})

testNeeding('huggingface')('a model that Python began is finished by us, and ours by Python', async () => {
  await using here = machine(server.endpoint)
  await python(
    here,
    `from huggingface_hub import snapshot_download
snapshot_download('onnx-community/whisper-tiny', allow_patterns=['*.json', 'onnx/encoder_model.onnx'])`,
  )
  expect(cachedModels(here.cache)).toEqual([])
  const from = server.requests.length
  await here.pull('whisper-tiny')
  const asked = server.requests.slice(from).map(({ path }) => path)
  expect(asked.some((path) => path.includes('resolve') && path.includes('encoder_model'))).toBe(false)
  expect(asked.some((path) => path.includes('decoder_model.onnx'))).toBe(true)
  const folder = await python(
    here,
    `from huggingface_hub import snapshot_download
print(snapshot_download('onnx-community/whisper-tiny', force_download=False))`,
  )
  expect(readFileSync(join(folder, 'otoscope.json'), 'utf8')).toContain('CC0-1.0')
  here.hub.remove('onnx-community/whisper-tiny')
  expect(cachedModels(here.cache)).toEqual([])
})
