import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { pack } from 'tar-stream'
import { parseLibraryManifest, type LibraryManifest } from '../../../src/engine/devices/libraries-manifest.ts'
import type { LibraryPlaces } from '../../../src/engine/devices/libraries-place.ts'
import { makeElf } from '../../support/elf-file.ts'

/** Small libraries made up for a test, in real archives, and a machine of one folder to install them on. */
export interface LibraryBench {
  places: LibraryPlaces
  /** bytes of the archives, by file name */
  archives: Map<string, Buffer>
  /** the same libraries from another address */
  servedFrom(url: (name: string) => string): LibraryPlaces
  /** puts a library where a system of this kind has its own */
  systemFile(path: string, bytes: Uint8Array | string): void
  /** everything below a folder, sorted, folders not named */
  tree(folder: string): string[]
  close(): void
}

const provider = makeElf({
  needed: ['libcublasLt.so.12', 'libcudart.so.12', 'libcuda.so.1'],
  runpath: '$ORIGIN',
  machine: 62,
})
/** long and not to be compressed, so that a download of it can be cut off in the middle */
const noise = (bytes: number): Buffer => {
  const block = createHash('sha512')
  return Buffer.concat(Array.from({ length: bytes / 64 }, (_, index) => block.copy().update(String(index)).digest()))
}

export const tarball = async (files: Record<string, Uint8Array>): Promise<Buffer> => {
  const tar = pack()
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name }, Buffer.from(bytes))
  tar.finalize()
  return gzipSync(await buffer(tar as AsyncIterable<Uint8Array> as never))
}

export const createLibraryBench = async (): Promise<LibraryBench> => {
  const root = mkdtempSync(join(tmpdir(), 'libraries-'))
  const archives = new Map([
    [
      'onnxruntime-gpu.tgz',
      await tarball({
        './ort-1.30.0/lib/libonnxruntime.so.1': Buffer.from('not this one'),
        './ort-1.30.0/lib/libonnxruntime_providers_shared.so': makeElf({ machine: 62 }),
        './ort-1.30.0/lib/libonnxruntime_providers_cuda.so': provider,
      }),
    ],
    [
      'nvidia-cublas.zip',
      Buffer.from(
        zipSync({
          'nvidia/cublas/include/cublas.h': Buffer.from('not this one'),
          'nvidia/cublas/lib/libcublasLt.so.12': [
            Buffer.concat([makeElf({ needed: ['libc.so.6'], machine: 62 }), noise(2 << 20)]),
            { level: 0 },
          ],
          'nvidia/cublas/lib/libcudart.so.12': makeElf({ machine: 62 }),
          'nvidia_cublas-12.dist-info/licenses/License.txt': Buffer.from('the licence'),
        }),
      ),
    ],
  ])
  const places: LibraryPlaces = {
    manifest: manifestOf(archives, (name) => `http://127.0.0.1:1/${name}`),
    folder: join(root, 'data', 'cuda'),
    binding: join(root, 'binding'),
    onnxruntime: '1.30.0',
    system: 'linux-x64',
    loader: { libraryPath: '', root: join(root, 'system') },
  }
  mkdirSync(places.binding)
  mkdirSync(places.loader.root)
  return {
    places,
    archives,
    servedFrom: (url) => ({ ...places, manifest: manifestOf(archives, url) }),
    systemFile: (path, bytes) => {
      const at = join(places.loader.root, path)
      mkdirSync(dirname(at), { recursive: true })
      writeFileSync(at, bytes)
    },
    tree: (folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

const manifestOf = (archives: Map<string, Buffer>, url: (name: string) => string): LibraryManifest => {
  const pinned = (file: string) => ({
    name: file.replace(/\.\w+$/, ''),
    version: '1',
    url: url(file),
    bytes: archives.get(file)!.length,
    sha256: createHash('sha256').update(archives.get(file)!).digest('hex'),
    disk: archives.get(file)!.length,
  })
  return parseLibraryManifest(
    JSON.stringify({
      id: 'cuda',
      version: '1.30.0-test',
      title: 'CUDA 12 made up',
      onnxruntime: '1.30.0',
      licence: 'MIT; and another',
      driver: 525,
      provider: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
      system: [{ name: 'libcublasLt.so.12' }, { name: 'libcudart.so.12', symbol: 'cudaLibraryGetKernel' }],
      packages: [
        {
          ...pinned('onnxruntime-gpu.tgz'),
          licence: 'MIT',
          archive: 'tgz',
          always: true,
          take: [
            'ort-1.30.0/lib/libonnxruntime_providers_shared.so',
            'ort-1.30.0/lib/libonnxruntime_providers_cuda.so',
          ],
        },
        {
          ...pinned('nvidia-cublas.zip'),
          licence: 'another',
          archive: 'zip',
          take: [
            'nvidia/cublas/lib/libcublasLt.so.12',
            'nvidia/cublas/lib/libcudart.so.12',
            'nvidia_cublas-12.dist-info/licenses/License.txt',
          ],
        },
      ],
    }),
  )
}
