import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PullProgress } from '../../../../src/contract/hub.ts'
import { createHub, type Hub, type Pulled } from '../../../../src/engine/models/hub/hub.ts'
import { createNet, type Net } from '../../../../src/engine/net/net.ts'
import { openStore } from '../../../../src/engine/store/database.ts'
import type { Store } from '../../../../src/engine/store/store.ts'
import type { Content } from '../../../support/hub-content.ts'
import type { HubModel } from '../../../support/hub-models.ts'
import { shipped } from '../make-folder.ts'

/** A shipped model's folder as the files of a repository, with a model card of the test's own. */
export const filesOf = (id: 'ast' | 'wav2vec2' | 'whisper'): Record<string, Content> => {
  const folder = shipped(id)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  const card: [string, Content] = ['README.md', '---\nlicense: apache-2.0\ntags:\n- onnx\n---\n# Made for a test\n']
  return Object.fromEntries([
    ...paths.map((path): [string, Content] => [path.slice(folder.length + 1).replaceAll('\\', '/'), { path }]),
    card,
  ])
}

export const repository = (id: 'ast' | 'wav2vec2' | 'whisper', more: Partial<HubModel> = {}): HubModel => ({
  files: filesOf(id),
  pipelineTag: id === 'ast' ? 'audio-classification' : 'automatic-speech-recognition',
  ...more,
})

/** A person's machine: a home of Hugging Face's, a store, and the hub as seen from there. */
export interface Machine extends AsyncDisposable {
  home: string
  cache: string
  env: NodeJS.ProcessEnv
  store: Store
  net: Net
  hub: Hub
  pull(model: string, options?: PullOptions): Promise<Pulled>
}

interface PullOptions {
  revision?: string
  variant?: string
  signal?: AbortSignal
  part?: (progress: PullProgress) => void
}

export const machine = (endpoint: string, env: NodeJS.ProcessEnv = {}): Machine => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'otoscope-hub-')))
  const all = { HF_ENDPOINT: endpoint, HF_HOME: join(home, 'huggingface'), ...env }
  const store = openStore(join(home, 'store'))
  const net = createNet({ env: all, firstWait: 5 })
  const hub = createHub({ net, store, env: all })
  return {
    home,
    cache: join(home, 'huggingface', 'hub'),
    env: all,
    store,
    net,
    hub,
    pull: (model, { signal = new AbortController().signal, part = () => undefined, ...input } = {}) =>
      hub.pull({ model, ...input }, { signal, part }),
    [Symbol.asyncDispose]: async () => {
      await net.close()
      store.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
