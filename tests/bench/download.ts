import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { downloadFile, type Wanted } from '../../src/engine/net/download.ts'
import { createNet } from '../../src/engine/net/net.ts'
import { serve } from '../support/hub-content.ts'
import { printTable, times } from './measure.ts'
import { inFolder } from './material.ts'

/** 300 MB from this machine itself, downloaded into a verified file, against fetching them and throwing them away. */
const size = 300e6
const program = fileURLToPath(new URL('./serve-download.ts', import.meta.url))

const server = spawn(process.execPath, [program, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] })
const [address] = (await once(server.stdout, 'data')) as [Buffer]
const url = address.toString().trim()
const net = createNet({ env: {} })
const { sha256 } = serve({ generated: size })

const drain = async (): Promise<void> => {
  const { body } = await net.fetch(url)
  const reader = body!.getReader()
  while (!(await reader.read()).done);
}

await inFolder(async (folder) => {
  const wanted: Wanted = {
    url,
    path: join(folder, 'file.bin'),
    partial: join(folder, 'file.partial'),
    bytes: size,
    hash: { algorithm: 'sha256', hex: sha256 },
  }
  const whole = await times(async () => {
    rmSync(wanted.path, { force: true })
    await downloadFile(net, wanted)
  }, drain)
  const verify = await times(() => downloadFile(net, wanted), drain)
  printTable([
    { what: '300 MB downloaded, verified, on disk', against: 'fetched, thrown away', ...whole },
    { what: 'the same 300 MB, already here, verified', against: 'fetched, thrown away', ...verify },
  ])
})
await net.close()
server.kill()
