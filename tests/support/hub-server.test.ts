import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadFile, listFiles, modelInfo } from '@huggingface/hub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from './hub-content.ts'
import { startHub, type Hub } from './hub-server.ts'
import { testNeeding } from './needs.ts'
import { runPython } from './python.ts'

/** That the server stands for the hub: the hub's own two clients take it for it. */

const files = {
  'config.json': '{"model_type":"whisper"}',
  'README.md': '# A model',
  'onnx/encoder_model.onnx': { generated: 3e6 },
  'onnx/with space.json': '{}',
}
let hub: Hub
let sha: string
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'))
  hub = await startHub({ tokens: ['hf_ok'], pageEntries: 2 })
  sha = hub.commit('owner/old', { files, pipelineTag: 'automatic-speech-recognition', licence: 'mit' })
  hub.rename('owner/old', 'owner/model')
  hub.commit('owner/gated', { files, gated: 'auto', grants: ['hf_ok'] })
})
afterAll(async () => {
  await hub.close()
  rmSync(folder, { recursive: true, force: true })
})

test('@huggingface/hub reads a model, its list of files in pages, and the files', async () => {
  const there = { hubUrl: hub.endpoint }
  expect(await modelInfo({ name: 'owner/old', additionalFields: ['sha', 'config', 'tags'], ...there })).toMatchObject({
    sha,
    task: 'automatic-speech-recognition',
    gated: false,
    config: { model_type: 'whisper' },
    tags: expect.arrayContaining(['license:mit']) as string[],
  })
  const listed: string[] = []
  for await (const { type, path } of listFiles({ repo: 'owner/model', recursive: true, ...there }))
    if (type === 'file') listed.push(path)
  expect(listed).toEqual(Object.keys(files).toSorted())
  for (const [path, content] of Object.entries(files)) {
    const found = await downloadFile({ repo: 'owner/model', path, ...there })
    expect(serve(new Uint8Array((await found?.arrayBuffer()) ?? [])).sha256).toBe(serve(content).sha256)
  }
  const gated = { repo: 'owner/gated', path: 'config.json', ...there }
  await expect(downloadFile(gated)).rejects.toMatchObject({ statusCode: 401 })
  expect(await (await downloadFile({ ...gated, accessToken: 'hf_ok' }))?.text()).toBe(files['config.json'])
})

const script = `
import sys
from huggingface_hub import snapshot_download, hf_hub_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError, EntryNotFoundError
def refused(error, *args, **options):
    try: hf_hub_download(*args, **options)
    except error: return
    raise SystemExit(f"not refused: {args}")
refused(RepositoryNotFoundError, "owner/none", "config.json")
refused(RevisionNotFoundError, "owner/model", "config.json", revision="none")
refused(EntryNotFoundError, "owner/model", "none.json")
refused(GatedRepoError, "owner/gated", "config.json")
hf_hub_download("owner/gated", "config.json", token="hf_ok")
print(snapshot_download("owner/old"))
`
testNeeding('huggingface')(
  'Python’s huggingface_hub downloads a model, and means the same by what is refused',
  async () => {
    const found = await runPython(script, { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, 'python') })
    expect(found).toMatch(new RegExp(`models--owner--old/snapshots/${sha}$`))
    for (const [path, content] of Object.entries(files))
      expect(serve(readFileSync(join(found, path))).sha256).toBe(serve(content).sha256)
  },
  60_000,
)
