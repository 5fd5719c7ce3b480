import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ByteSource } from '../../formats/onnx/graph.ts'

export interface FileSource extends ByteSource, Disposable {}

/** Most reads are a few bytes beside the last ones; seeking over a weight costs one page. */
const pageBytes = 16384

/** A file read at random, a page at a time. What `read` returns stays valid. Throws as `openSync` does. */
export const openFileSource = (path: string): FileSource => {
  const file = openSync(path, 'r')
  const size = fstatSync(file).size
  let page: Uint8Array = new Uint8Array(0)
  let pageStart = 0

  const load = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.min(length, size - offset))
    for (let done = 0; done < bytes.length;) {
      const got = readSync(file, bytes, done, bytes.length - done, offset + done)
      if (got === 0) throw new Error(`${path} became shorter while it was read`)
      done += got
    }
    return bytes
  }

  return {
    size,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size)
        throw new Error(`bytes ${offset} to ${offset + length} are outside a file of ${size}`)
      if (length > pageBytes) return load(offset, length)
      if (offset < pageStart || offset + length > pageStart + page.length) {
        page = load(offset, pageBytes)
        pageStart = offset
      }
      return page.subarray(offset - pageStart, offset - pageStart + length)
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}
