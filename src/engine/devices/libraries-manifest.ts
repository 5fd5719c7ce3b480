import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { resource } from '../paths.ts'

/** A shared library, or a licence text: nothing else is taken out of an archive. */
const takeable = /^(lib[\w.-]+\.so(\.\d+)*|License\.txt)$/

const Member = z
  .string()
  .refine((path) => !path.split('/').includes('..') && !path.startsWith('/'), 'a path inside the archive')
  .refine((path) => takeable.test(basename(path)), 'a shared library or License.txt')

const Package = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  version: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }),
  /** of the archive; for sizes that are shown, while `sha256` alone says whether it is the right one */
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  licence: z.string().min(1),
  archive: z.enum(['zip', 'tgz']),
  /** of what is taken, on disk; rounded up where nobody publishes it */
  disk: z.number().int().positive(),
  /** wanted also where the system has CUDA and cuDNN itself */
  always: z.boolean().default(false),
  /** paths inside the archive; each is kept under its last part, a licence under its package's name */
  take: z.array(Member).min(1),
})
export type LibraryPackage = z.output<typeof Package>

/** Libraries of an accelerator, pinned: resources/cuda.json. */
const Manifest = z.strictObject({
  id: z.string().regex(/^[a-z]+$/),
  /** names the folder they are kept in: changes whenever any package does */
  version: z.string().regex(/^[\w.-]+$/),
  title: z.string().min(1),
  /** the provider fits this very version of onnxruntime and no other */
  onnxruntime: z.string().regex(/^\d+\.\d+\.\d+$/),
  licence: z.string().min(1),
  /** the oldest driver they work with */
  driver: z.number().int().positive(),
  /** what onnxruntime looks for beside its own library */
  provider: z.array(z.string().regex(takeable)).min(1),
  /** what a system that needs none of NVIDIA's packages has; `symbol` is in a version that is new enough */
  system: z.array(z.strictObject({ name: z.string().regex(takeable), symbol: z.string().optional() })).min(1),
  packages: z.array(Package).min(1),
})
export type LibraryManifest = z.output<typeof Manifest>

export const parseLibraryManifest = (text: string): LibraryManifest => Manifest.parse(JSON.parse(text))

let manifest: LibraryManifest | null = null

export const cudaManifest = (): LibraryManifest =>
  (manifest ??= parseLibraryManifest(readFileSync(resource('cuda.json'), 'utf8')))

/** What a member is called once it is taken out. */
export const keptName = (archive: LibraryPackage, member: string): string => {
  const name = basename(member)
  return name === 'License.txt' ? `LICENSE-${archive.name}.txt` : name
}
