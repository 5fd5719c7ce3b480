import { z } from 'zod'
import { EngineError } from '../../../contract/errors.ts'
import type { FileHash } from '../../net/download.ts'
import { hostOf } from '../../net/network-error.ts'
import type { Ask, Question } from './ask.ts'
import { isCommit, isSafePath } from './layout.ts'

export interface HubFile {
  path: string
  bytes: number
  hash: FileHash
}

/** What the hub says of a repository at one commit. */
export interface HubRepo {
  /** as it was asked for: under this name it is kept, as Python does */
  repo: string
  /** what the hub calls it now */
  name: string
  commit: string
  gated: boolean
  /** empty where its card names none */
  licence: string
  /** "automatic-speech-recognition" …; empty where none is named */
  pipeline: string
  /** config.json's model_type; empty where there is none */
  modelType: string
  files: HubFile[]
}

export interface HubApi {
  endpoint: string
  look(repo: string, revision: string, question?: Omit<Question, 'repo'>): Promise<HubRepo>
  /** the commit a revision is at now */
  commit(repo: string, revision: string, question?: Omit<Question, 'repo'>): Promise<string>
  fileUrl(repo: HubRepo, path: string): string
}

const Config = z.object({ model_type: z.string().optional() })

const Info = z.object({
  name: z.string(),
  sha: z.string().refine(isCommit),
  gated: z.union([z.boolean(), z.string()]).default(false),
  task: z.string().optional(),
  cardData: z.object({ license: z.unknown(), license_name: z.unknown() }).partial().nullish(),
  config: Config.nullish(),
})

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))
const Size = z.number().int().nonnegative()
const Entry = z.object({
  type: z.literal('file'),
  path: z.string().refine(isSafePath),
  size: Size,
  oid: hex(40),
  lfs: z.object({ oid: hex(64), size: Size }).optional(),
})

/** A repository of a model has dozens of files; a list without end is no list. */
const mostFiles = 50_000

/** @huggingface/hub knows the questions and the paging; the asking is ours, with its retries, sentences and refusals. */
export const createApi = (endpoint: string, ask: Ask): HubApi => {
  const host = hostOf(endpoint)
  const asking =
    (question: Question): typeof fetch =>
    (input) => {
      // a mirror may pass on the hub's own address of the next page
      const { pathname, search } = new URL(String(input))
      const path = pathname.slice(pathname.startsWith(basePath(endpoint)) ? basePath(endpoint).length : 0)
      return ask(path + search, question)
    }
  const info = async (repo: string, revision: string, question: Question) => {
    const { modelInfo } = await import('@huggingface/hub')
    const additionalFields = ['sha', 'cardData', 'config'] as const
    const options = { name: repo, revision, hubUrl: endpoint, additionalFields: [...additionalFields] }
    return parsed(host, () => modelInfo({ ...options, fetch: asking(question) }), Info)
  }
  const list = async (repo: string, commit: string, question: Question): Promise<HubFile[]> => {
    const { listFiles } = await import('@huggingface/hub')
    const files: HubFile[] = []
    let seen = 0
    const options = { repo, revision: commit, recursive: true, hubUrl: endpoint, fetch: asking(question) }
    for await (const listed of listFiles(options)) {
      if (++seen > mostFiles)
        throw new EngineError('bad-download', `${host} lists more than ${mostFiles} files of ${repo}`)
      const entry = Entry.safeParse(listed)
      if (entry.success) files.push(fileOf(entry.data))
    }
    return files
  }
  return {
    endpoint,
    commit: async (repo, revision, question) => (await info(repo, revision, { repo, ...question })).sha,
    look: async (repo, revision, question) => {
      const asked = { repo, ...question }
      const said = await info(repo, revision, asked)
      const files = await parsed(host, () => list(said.name, said.sha, asked), z.custom<HubFile[]>())
      const found = { repo, name: said.name, commit: said.sha, gated: said.gated !== false, files }
      return {
        ...found,
        licence: licenceOf(said.cardData),
        pipeline: said.task ?? '',
        modelType: said.config?.model_type ?? (await configType(ask, found, asked)),
      }
    },
    fileUrl: ({ name, commit }, path) =>
      `${endpoint}/${name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`,
  }
}

/** A mirror may not repeat what config.json says. */
const configType = async (ask: Ask, found: Omit<HubRepo, 'licence' | 'pipeline' | 'modelType'>, question: Question) => {
  if (!found.files.some(({ path }) => path === 'config.json')) return ''
  const config = (await (await ask(`/${found.name}/resolve/${found.commit}/config.json`, question)).json()) as unknown
  return Config.safeParse(config).data?.model_type ?? ''
}

const basePath = (endpoint: string): string => new URL(endpoint).pathname.replace(/\/$/, '')

const fileOf = ({ path, size, oid, lfs }: z.output<typeof Entry>): HubFile => ({
  path,
  bytes: lfs?.size ?? size,
  hash: lfs ? { algorithm: 'sha256', hex: lfs.oid } : { algorithm: 'git-sha1', hex: oid },
})

const licenceOf = (card: z.output<typeof Info>['cardData']): string => {
  const { license, license_name: name } = card ?? {}
  const said = Array.isArray(license) ? license.join(', ') : license
  return String((said === 'other' ? name : said) ?? said ?? '')
}

/** What was asked through the library: whatever is not of the shape a hub's answers have becomes one sentence. */
const parsed = async <T>(host: string, act: () => Promise<unknown>, schema: z.ZodType<T>): Promise<T> => {
  try {
    return schema.parse(await act())
  } catch (error) {
    if (error instanceof EngineError || (error as Error).name === 'AbortError') throw error
    throw new EngineError('bad-download', `${host} does not answer as a hub does; check HF_ENDPOINT`)
  }
}
