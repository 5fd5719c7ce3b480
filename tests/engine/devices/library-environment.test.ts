import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { theseLibraries, versionFolder } from '../../../src/engine/devices/libraries-place.ts'
import { forkChild } from '../../../src/engine/jobs/child.ts'
import { processEntry } from '../../../src/engine/paths.ts'

const before = { ...process.env }
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'otoscope-data-'))
  process.env['OTOSCOPE_DATA'] = data
})
afterEach(() => {
  process.env = { ...before }
  rmSync(data, { recursive: true })
})

/** The environment that an inference process was started with, as the system has it. */
const environmentOfChild = async (): Promise<string[]> => {
  const child = forkChild(processEntry('inference'), ['probe'])
  try {
    return readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0')
  } finally {
    child.kill()
    await child.ended
  }
}

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'an inference process that starts after an installation finds the libraries, and this one is left alone',
  async () => {
    const folder = versionFolder(theseLibraries())
    expect(folder.startsWith(data)).toBe(true)
    expect((await environmentOfChild()).join()).not.toContain(folder)
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'installed.json'),
      JSON.stringify({ version: theseLibraries().manifest.version, files: [] }),
    )
    expect((await environmentOfChild()).find((entry) => entry.startsWith('LD_LIBRARY_PATH='))).toContain(folder)
    expect(process.env['LD_LIBRARY_PATH']).toBe(before['LD_LIBRARY_PATH'])
  },
)
