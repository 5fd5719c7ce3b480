import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

/** Left free beyond what is asked for: a full disk is everybody's trouble. */
const marginBytes = 100e6

/**
 * Throws `no-space` where the disk that holds `folder`, or will once it is made, has no room for `bytes` more. A disk that does not
 * say is believed to have room: writing says otherwise.
 */
export const checkSpace = async (folder: string, bytes: number): Promise<void> => {
  const disk = await statfs(nearest(resolve(folder))).catch(() => null)
  if (!disk || disk.blocks === 0) return
  const free = disk.bavail * disk.bsize
  if (free >= bytes + marginBytes) return
  throw new EngineError(
    'no-space',
    `${size(bytes)} are needed and ${size(free)} are free on the disk of ${folder}; make room, or choose another folder`,
    { needed: bytes, free },
  )
}

const nearest = (folder: string): string => {
  const parent = dirname(folder)
  return existsSync(folder) || parent === folder ? folder : nearest(parent)
}

const size = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
