import { closeSync, openSync, unlinkSync, readdirSync, existsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { parseTap } from '../../contract/tap.ts'
import type { DType } from '../../contract/tensor.ts'
import { bytesOf, npyHeader } from '../../formats/npy.ts'
import { npzBytes, npzLimitBytes, npzWriter, textTensor } from '../../formats/npz.ts'
import { safetensorsHeader } from '../../formats/safetensors.ts'
import { openOutput, writable, type Output } from './output.ts'

export interface ArrayCard {
  name: string
  dtype: DType
  shape: number[]
  axes: string[]
}

/** Arrays on disk as .safetensors, .npz or a folder of .npy: written in pieces, there only when all of it is. */
export interface ArrayFile {
  /** the arrays in the order they will be written; call once, before the first */
  start(arrays: readonly ArrayCard[], metadata: string): void
  begin(array: ArrayCard): void
  /** values in row-major order; the bytes may be used again afterwards */
  push(bytes: Uint8Array): void
  end(): void
  commit(): void
  discard(): void
}

/** By the name's ending; anything but .safetensors and .npz is a folder. Throws `cannot-write` at once where it cannot be. */
export const openArrayFile = (path: string): ArrayFile => {
  if (/\.safetensors$/i.test(path)) return safetensorsFile(openOutput(path, 'file'))
  if (/\.npz$/i.test(path)) return npzFile(openOutput(path, 'file'))
  return npyFolder(openOutput(path, 'folder'))
}

/** Appends to `path`. Opened anew for every output, closed by `close`. */
const appender = (path: string, named: string) => {
  let descriptor: number | undefined
  return {
    write: (bytes: Uint8Array): void =>
      writable(named, () => {
        descriptor ??= openSync(path, 'w')
        for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at)
      }),
    close: (): void => {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}

const safetensorsFile = (output: Output): ArrayFile => {
  const file = appender(output.temporary, output.path)
  return {
    start: (arrays, metadata) => file.write(safetensorsHeader(arrays, { otoscope: metadata })),
    begin: () => {},
    push: file.write,
    end: () => {},
    commit: () => {
      file.close()
      output.commit()
    },
    discard: () => {
      file.close()
      output.discard()
    },
  }
}

const npzFile = (output: Output): ArrayFile => {
  const file = appender(output.temporary, output.path)
  const archive = npzWriter(file.write)
  return {
    start: (arrays, metadata) => {
      if (npzBytes(arrays) > npzLimitBytes)
        throw new EngineError(
          'cannot-write',
          'these arrays are more than the 4 GB an .npz can hold: write .safetensors or a folder, or fewer taps, heads or rows',
        )
      const text = textTensor(metadata)
      archive.begin('__metadata__', text.dtype, text.shape)
      archive.push(bytesOf(text.data))
      archive.end()
    },
    begin: ({ name, dtype, shape }) => archive.begin(name, dtype, shape),
    push: archive.push,
    end: archive.end,
    commit: () => {
      archive.close()
      file.close()
      output.commit()
    },
    discard: () => {
      file.close()
      output.discard()
    },
  }
}

const npyFolder = (output: Output): ArrayFile => {
  let file = appender('', '')
  let names: string[] = []
  return {
    start: (arrays, metadata) => {
      names = arrays.map(({ name }) => name)
      writable(output.path, () => writeFileSync(join(output.temporary, 'metadata.json'), metadata + '\n'))
    },
    begin: ({ name, dtype, shape }) => {
      file = appender(join(output.temporary, `${name}.npy`), output.path)
      file.write(npyHeader(dtype, shape))
    },
    push: (bytes) => file.write(bytes),
    end: () => file.close(),
    commit: () => {
      removeEarlier(output.path, names)
      output.commit()
    },
    discard: () => {
      file.close()
      output.discard()
    },
  }
}

/** Arrays of an earlier export that the new metadata does not speak of would be taken for its own. */
const removeEarlier = (folder: string, names: readonly string[]): void => {
  if (!existsSync(folder)) return
  for (const file of readdirSync(folder)) {
    const name = file.replace(/\.npy$/, '')
    // of several windows: window.3.tokens, encoder.hidden.2.special
    const tap = name.replace(/^window\.\d+\.|\.special$/g, '')
    if (name !== file && parseTap(tap) && !names.includes(name)) unlinkSync(join(folder, file))
  }
}
