import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { downloadFile, type Wanted } from '../../src/engine/net/download.ts'
import { createNet } from '../../src/engine/net/net.ts'
import { serve } from '../support/hub-content.ts'
import { pythonPath } from '../support/needs.ts'
import { runPython } from '../support/python.ts'
import { inTurn, milliseconds, printTable, times, type Row } from './measure.ts'
import { inFolder } from './material.ts'

/**
 * 300 MB of a hub on this machine itself, downloaded into a verified file: against fetching them and throwing them away, and against
 * Python's hf_hub_download where there is one (or OTOSCOPE_PYTHON names it), which checks the length and no hash.
 */
const size = 300e6
const program = fileURLToPath(new URL('./serve-download.ts', import.meta.url))

const server = spawn(process.execPath, [program, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] })
const [address] = (await once(server.stdout, 'data')) as [Buffer]
const endpoint = address.toString().trim()
const url = `${endpoint}/some/model/resolve/main/model.onnx`
const net = createNet({ env: {} })
const { sha256 } = serve({ generated: size })

const drain = async (): Promise<void> => {
  const { body } = await net.fetch(url)
  const reader = body!.getReader()
  while (!(await reader.read()).done);
}

/** The time of the call alone: Python takes about as long to start. */
const python = async (folder: string): Promise<number> => {
  const script = `
import time, huggingface_hub as hub
began = time.perf_counter()
hub.hf_hub_download('some/model', 'model.onnx', cache_dir=${JSON.stringify(folder)}, force_download=True)
print((time.perf_counter() - began) * 1000)`
  const printed = Number(await runPython(script, { HF_ENDPOINT: endpoint }))
  rmSync(folder, { recursive: true })
  return printed
}

await inFolder(async (folder) => {
  const wanted: Wanted = {
    url,
    path: join(folder, 'file.bin'),
    partial: join(folder, 'file.partial'),
    bytes: size,
    hash: { algorithm: 'sha256', hex: sha256 },
  }
  const download = async (): Promise<void> => {
    rmSync(wanted.path, { force: true })
    await downloadFile(net, wanted)
  }
  const what = '300 MB downloaded, verified, on disk'
  const rows: Row[] = [{ what, against: 'fetched, thrown away', ...(await times(download, drain)) }]
  const verify = await times(() => downloadFile(net, wanted), drain)
  rows.push({ what: 'the same 300 MB, already here, verified', against: 'fetched, thrown away', ...verify })
  if (spawnSync(pythonPath, ['-c', 'import huggingface_hub']).status === 0) {
    const beside = () => python(join(folder, 'python'))
    rows.push({ what, against: 'hf_hub_download', ...(await inTurn(() => milliseconds(download), beside)) })
  } else console.log('not measured against hf_hub_download: no huggingface_hub in python3 or OTOSCOPE_PYTHON')
  printTable(rows)
})
await net.close()
server.kill()
