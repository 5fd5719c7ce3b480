import { createHash } from 'node:crypto'
import { serve, type Content, type Served } from './hub-content.ts'

export interface HubModel {
  /** by path in the repository: "config.json", "onnx/encoder_model.onnx" */
  files: Record<string, Content>
  pipelineTag?: string
  /** becomes the tag license:… and cardData.license */
  licence?: string
  tags?: string[]
  cardData?: Record<string, unknown>
  gated?: false | 'auto' | 'manual'
  /** only the tokens in `grants` see that it exists */
  private?: boolean
  /** tokens that may read a gated or private model */
  grants?: string[]
  /** a branch or tag; main unless given */
  branch?: string
  /** 40 hex digits; made from the files unless given */
  commit?: string
}

export interface Entry {
  path: string
  content: Served
  /** kept apart from git, on the other server, by SHA-256 */
  lfs: boolean
}

export interface Commit {
  sha: string
  files: Map<string, Entry>
  model: HubModel
}

export interface Repository {
  name: string
  /** by branch or tag, and by sha */
  commits: Map<string, Commit>
}

const inGitBytes = 1e6

export const commitOf = (model: HubModel): Commit => {
  const files = new Map(
    Object.entries(model.files)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, given]): [string, Entry] => {
        const content = serve(given)
        return [
          path,
          { path, content, lfs: /\.(onnx|onnx_data|safetensors|bin)$/.test(path) || content.bytes > inGitBytes },
        ]
      }),
  )
  const sum = createHash('sha1')
  for (const { path, content } of files.values()) sum.update(`${path} ${content.sha256}\n`)
  return { sha: model.commit ?? sum.digest('hex'), files, model }
}

/** `/api/models/<repo>`: everything, or what `expand` names. */
export const modelInfo = (repository: Repository, commit: Commit, search: URLSearchParams): Record<string, unknown> => {
  const { model, files } = commit
  const blobs = search.get('blobs')?.toLowerCase() === 'true'
  const all: Record<string, unknown> = {
    author: repository.name.split('/')[0],
    cardData: { ...(model.licence ? { license: model.licence } : {}), ...model.cardData },
    config: configOf(commit),
    createdAt: '2023-05-02T21:50:17.000Z',
    disabled: false,
    downloads: 1234,
    gated: model.gated ?? false,
    lastModified: '2024-10-08T13:41:52.000Z',
    library_name: 'transformers.js',
    likes: 12,
    pipeline_tag: model.pipelineTag,
    private: model.private ?? false,
    sha: commit.sha,
    siblings: Array.from(files.values(), (entry) => (blobs ? withBlob(entry) : { rfilename: entry.path })),
    tags: [
      'transformers.js',
      'onnx',
      ...(model.tags ?? []),
      ...(model.licence ? [`license:${model.licence}`] : []),
      'region:us',
    ],
  }
  const wanted = search.getAll('expand')
  const shown = wanted.length === 0 ? all : Object.fromEntries(wanted.map((key) => [key, all[key]]))
  return { _id: '64518569cdd4dd0f39dd7d3e', id: repository.name, modelId: repository.name, ...shown }
}

const withBlob = ({ path, content, lfs }: Entry): Record<string, unknown> => ({
  rfilename: path,
  size: content.bytes,
  blobId: lfs ? pointer(content).gitSha1 : content.gitSha1,
  ...(lfs ? { lfs: { sha256: content.sha256, size: content.bytes, pointerSize: pointer(content).bytes } } : {}),
})

const configOf = ({ files }: Commit): Record<string, unknown> | undefined => {
  const file = files.get('config.json')
  if (!file) return undefined
  const config = JSON.parse(file.content.text()) as Record<string, unknown>
  return { architectures: config.architectures, model_type: config.model_type }
}

/** `/api/models/<repo>/tree/<revision>/<folder>`; null where there is no such folder. */
export const tree = (commit: Commit, folder: string, recursive: boolean): Record<string, unknown>[] | null => {
  const prefix = folder === '' ? '' : `${folder}/`
  const below = [...commit.files.values()].filter(({ path }) => path.startsWith(prefix))
  if (below.length === 0) return null
  const folders = new Set(
    below.flatMap(({ path }) => foldersOf(path.slice(prefix.length)).map((name) => prefix + name)),
  )
  const shown = (path: string): boolean => recursive || !path.slice(prefix.length).includes('/')
  return [
    ...[...folders].filter(shown).map((path) => ({ type: 'directory', oid: sha1(path), size: 0, path })),
    ...below.filter(({ path }) => shown(path)).map(treeEntry),
  ]
}

const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'))

const treeEntry = ({ path, content, lfs }: Entry): Record<string, unknown> => ({
  type: 'file',
  oid: lfs ? pointer(content).gitSha1 : content.gitSha1,
  size: content.bytes,
  path,
  ...(lfs ? { lfs: { oid: content.sha256, size: content.bytes, pointerSize: pointer(content).bytes } } : {}),
})

/** What git holds in place of a big file. */
const pointer = (content: Served): Served =>
  serve(`version https://git-lfs.github.com/spec/v1\noid sha256:${content.sha256}\nsize ${content.bytes}\n`)

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')
