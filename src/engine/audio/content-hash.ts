import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Worker } from 'node:worker_threads'

/** Hashing goes on beside decoding: on a thread of its own, because OpenSSL's update() holds the one it is called on. */

/** Below this the thread takes longer to start than the hash takes. */
const threadFromBytes = 16 * 2 ** 20

/** Plain JavaScript, so that it needs no entry of its own in the build. */
const program = /* js */ `
  const { workerData, parentPort } = require('node:worker_threads')
  const { createHash } = require('node:crypto')
  const { openSync, readSync } = require('node:fs')
  const hash = createHash('sha256')
  const file = openSync(workerData, 'r')
  const bytes = Buffer.allocUnsafeSlow(1 << 20)
  for (let read; (read = readSync(file, bytes, 0, bytes.length, null)) > 0; ) hash.update(bytes.subarray(0, read))
  parentPort.postMessage(hash.digest('hex'))`

const onThread = (path: string, signal?: AbortSignal): Promise<string> => {
  const worker = new Worker(program, { eval: true, workerData: path, resourceLimits: { maxYoungGenerationSizeMb: 2 } })
  return new Promise<string>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error(`${path} was not hashed`)))
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  }).finally(() => worker.terminate())
}

/** SHA-256 of the file's bytes, in hex. */
export const hashFile = async (path: string, bytes: number, signal?: AbortSignal): Promise<string> => {
  signal?.throwIfAborted()
  if (bytes >= threadFromBytes) return onThread(path, signal)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
