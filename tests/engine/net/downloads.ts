import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadFile, type DownloadProgress, type Wanted } from '../../../src/engine/net/download.ts'
import { createNet, type Net, type NetOptions } from '../../../src/engine/net/net.ts'
import { serve, type Content } from '../../support/hub-content.ts'
import { startHub, type Hub } from '../../support/hub-server.ts'

/** A hub, a folder of its own and a network without patience: what the tests of downloads begin with. */
export interface Bench extends AsyncDisposable {
  hub: Hub
  net: Net
  folder: string
  /** what is wanted of a file on the second server */
  file(content: Content, changes?: Partial<Wanted>): Wanted
  /** downloads, and answers everything that was reported */
  download(wanted: Wanted, signal?: AbortSignal): Promise<DownloadProgress[]>
}

export const hasty: NetOptions = { env: {}, firstWait: 5, timeouts: { connect: 400, headers: 400, body: 400 } }

export const setUp = async (parent = tmpdir()): Promise<Bench> => {
  const hub = await startHub({ tokens: ['hf_ok'] })
  const net = createNet(hasty)
  const folder = mkdtempSync(join(parent, 'downloads-'))
  let files = 0
  return {
    hub,
    net,
    folder,
    file: (content, changes = {}) => {
      const { bytes, sha256 } = serve(content)
      const name = `file-${files++}.bin`
      return {
        url: hub.file(name, content),
        path: join(folder, name),
        partial: join(folder, `${name}.partial`),
        bytes,
        hash: { algorithm: 'sha256', hex: sha256 },
        ...changes,
      }
    },
    download: async (wanted, signal) => {
      const seen: DownloadProgress[] = []
      await downloadFile(net, wanted, { ...(signal ? { signal } : {}), onProgress: (now) => seen.push(now) })
      return seen
    },
    [Symbol.asyncDispose]: async () => {
      await net.close()
      await hub.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Where files of hundreds of megabytes are written over and over: memory where there is plenty, as a disk may take seconds for each.
 * A killed process leaves the same in both.
 */
export const roomyFolder = (): string => {
  const memory = '/dev/shm'
  if (freemem() < 4e9 || !existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 1e9 ? memory : tmpdir()
}

export const sha256 = (path: string): string => {
  const [sum, block, file] = [createHash('sha256'), Buffer.alloc(1 << 20), openSync(path, 'r')]
  try {
    for (let read = 1; read > 0;) sum.update(block.subarray(0, (read = readSync(file, block))))
  } finally {
    closeSync(file)
  }
  return sum.digest('hex')
}

/** Whether the wanted bytes are in place, and nothing else is left. */
export const isDone = ({ path, partial, hash }: Wanted): boolean =>
  existsSync(path) && sha256(path) === hash?.hex && !existsSync(partial) && !existsSync(`${partial}.lock`)
