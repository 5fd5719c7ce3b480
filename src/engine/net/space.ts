import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

/** Left free beyond what is asked for: a full disk is everybody's trouble. */
const marginBytes = 100e6

/** Throws `no-space` where the disk that holds `folder`, or will once it is made, has no room for `bytes` more. */
export const checkSpace = async (folder: string, bytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(nearest(resolve(folder)))
  const free = bavail * bsize
  if (free >= bytes + marginBytes) return
  throw new EngineError(
    'no-space',
    `${size(bytes)} are needed and ${size(free)} are free on the disk of ${folder}; make room, or choose another folder`,
    { needed: bytes, free },
  )
}

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const size = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
