import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const cache = (name: string): string => join(import.meta.dirname, 'node_modules', '.cache', name)

/** Empty is as if they were not set. */
const ownHuggingFace = [
  ...['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_TOKEN_PATH'],
  ...['HF_ENDPOINT', 'HF_HUB_OFFLINE'],
]

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    // on two cores: a third of the time goes by waiting for pages, processes and disks
    maxWorkers: 3,
    maxConcurrency: 2,
    // many tests start the program as a process, from source: half its time is compiling the same files again
    env: {
      NODE_COMPILE_CACHE: cache('compiled'),
      // nobody's own downloads and settings take part in a test
      HF_HOME: cache('no-huggingface'),
      ...Object.fromEntries(ownHuggingFace.map((name) => [name, ''])),
      OTOSCOPE_SETTINGS: cache('no-settings'),
      OTOSCOPE_DATA: cache('no-data'),
    },
  },
})
