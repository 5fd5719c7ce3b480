import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve, type Content, type Served } from './hub-content.ts'
import { commitOf, modelInfo, tree, type Commit, type Entry, type HubModel, type Repository } from './hub-models.ts'
import { isOfBody, send, type Fault } from './hub-send.ts'

/**
 * A server that answers as huggingface.co does, and a second one, another origin, as its content network. Big files (.onnx,
 * .safetensors, .bin, or over 1 MB) are redirected there with a signed address, which refuses requests that carry a token.
 */
export interface Hub {
  /** for HF_ENDPOINT */
  endpoint: string
  cdn: string
  /** every request so far, of both servers */
  requests: Seen[]
  /** commits these files to a branch, main unless named, and answers the commit. What was committed earlier stays by its sha */
  commit(repo: string, model: HubModel): string
  /** from then on the old name redirects to the new one */
  rename(from: string, to: string): void
  /** a file beside the models, as a package index has them; answers its address on the second server */
  file(path: string, content: Content): string
  /**
   * Spoils the next `times` answers, or all, to requests whose path contains, or matches, `where`: "/cdn/owner/name/onnx/model.onnx"
   * for the bytes of a big file, "/owner/name/resolve/" or "/api/models/owner/name" for the hub's own answers.
   */
  fault(where: string | RegExp, fault: Fault, times?: number): void
  /** forgets what was planned to go wrong */
  heal(): void
  close(): Promise<void>
}

export interface Seen {
  server: 'hub' | 'cdn'
  method: string
  /** with its query */
  path: string
  headers: IncomingHttpHeaders
}

export interface HubOptions {
  /** tokens that are somebody's; others are refused with 401 */
  tokens?: string[]
  /** entries of a page of a file list */
  pageEntries?: number
}

/** A part of the signed address of a big file that must never be shown to anybody. */
export const signature = 'SIGNED-do-not-show'

interface Planned {
  where: string | RegExp
  fault: Fault
  left: number
}

interface State {
  repositories: Map<string, Repository>
  renamed: Map<string, string>
  plain: Map<string, Served>
  planned: Planned[]
  options: HubOptions
  cdn: string
}

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL, state: State) => Promise<void> | void

export const startHub = async (options: HubOptions = {}): Promise<Hub> => {
  const state: State = {
    repositories: new Map(),
    renamed: new Map(),
    plain: new Map(),
    planned: [],
    options,
    cdn: '',
  }
  const requests: Seen[] = []
  const [hub, cdn] = [await listen('hub', answerHub, state, requests), await listen('cdn', answerCdn, state, requests)]
  // another host too: Python follows redirects within one itself
  state.cdn = cdn.origin.replace('127.0.0.1', 'localhost')
  return {
    endpoint: hub.origin,
    cdn: state.cdn,
    requests,
    commit: (name, model) => {
      const repository = state.repositories.get(name) ?? { name, commits: new Map<string, Commit>() }
      const commit = commitOf(model)
      repository.commits.set(model.branch ?? 'main', commit).set(commit.sha, commit)
      state.repositories.set(name, repository)
      return commit.sha
    },
    rename: (from, to) => {
      state.repositories.set(to, { ...state.repositories.get(from)!, name: to })
      state.repositories.delete(from)
      state.renamed.set(from, to)
    },
    file: (path, content) => {
      state.plain.set(`/${path}`, serve(content))
      return `${state.cdn}/${path}`
    },
    fault: (where, fault, times = Infinity) => void state.planned.push({ where, fault, left: times }),
    heal: () => void (state.planned.length = 0),
    close: async () => {
      await Promise.all([hub.close(), cdn.close()])
    },
  }
}

const listen = async (
  name: Seen['server'],
  answer: Answer,
  state: State,
  requests: Seen[],
): Promise<{ origin: string; close(): Promise<void> }> => {
  const server: Server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    requests.push({ server: name, method, path: url, headers })
    response.on('error', () => undefined) // the client went away
    void Promise.resolve(answer(request, response, new URL(url, 'http://here'), state)).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(String(error))
      else response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** The first plan for this path; it is used up unless it waits for an answer with a body. */
const faultOf = (path: string, state: State, body: boolean): Fault | undefined => {
  const plan = state.planned.find(
    ({ where, fault, left }) =>
      left > 0 && isOfBody(fault) === body && (typeof where === 'string' ? path.includes(where) : where.test(path)),
  )
  if (plan) plan.left--
  return plan?.fault
}

/** True where this request is answered, or left alone, as planned. */
const spoilt = (response: ServerResponse, path: string, state: State): boolean => {
  const fault = faultOf(path, state, false)
  if (fault?.kind === 'status') response.writeHead(fault.status, fault.headers).end()
  return fault !== undefined
}

const sendFile = (
  request: IncomingMessage,
  response: ServerResponse,
  { content }: Pick<Entry, 'content'>,
  headers: Record<string, string>,
  path: string,
  state: State,
): Promise<void> =>
  send(request, response, content, headers, request.method === 'GET' ? faultOf(path, state, true) : undefined)

const answerCdn: Answer = async (request, response, url, state) => {
  const path = decodeURIComponent(url.pathname)
  if (spoilt(response, path, state)) return
  const content = state.plain.get(path)
  if (content) {
    return sendFile(request, response, { content }, { etag: `"${content.sha256.slice(0, 32)}"` }, path, state)
  }
  if (url.searchParams.get('Signature') !== signature)
    return void response.writeHead(403).end('<Error>AccessDenied</Error>')
  if (request.headers.authorization !== undefined)
    return void response.writeHead(400).end('<Error>Only one auth mechanism allowed</Error>')
  const [, , owner, name, sha, ...file] = path.split('/')
  const entry = state.repositories
    .get(`${owner}/${name}`)
    ?.commits.get(sha ?? '')
    ?.files.get(file.join('/'))
  if (!entry) return void response.writeHead(404).end()
  await sendFile(request, response, entry, { etag: `"${entry.content.sha256.slice(0, 32)}"` }, path, state)
}

const answerHub: Answer = (request, response, url, state) => {
  const path = decodeURIComponent(url.pathname)
  if (spoilt(response, path, state)) return
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token !== undefined && !state.options.tokens?.includes(token))
    return refuse(response, 401, '', 'Invalid credentials in Authorization header')
  const asked = /^\/(api\/models\/|api\/resolve-cache\/models\/)?([^/]+\/[^/]+)(?:\/(.*))?$/.exec(path)
  if (!asked) return refuse(response, 404, '', 'Not found')
  const [, kind = '', name = '', rest = ''] = asked
  const renamed = state.renamed.get(name)
  if (renamed) return redirect(response, 307, url.pathname.replace(name, renamed) + url.search)
  const repository = state.repositories.get(name)
  const granted = token !== undefined && (repository?.commits.get('main')?.model.grants ?? []).includes(token)
  if (!repository || (repository.commits.get('main')?.model.private && !granted))
    return refuse(
      response,
      token ? 404 : 401,
      'RepoNotFound',
      token ? 'Repository not found' : 'Invalid username or password.',
    )
  const found = findCommit(repository, kind, rest)
  if (!found) return refuse(response, 404, 'RevisionNotFound', 'Invalid rev id')
  if (kind === 'api/models/') return answerApi(response, url, repository, found, state)
  return answerFile({ request, response, url, state, repository, cached: kind !== '', granted, token }, found)
}

interface Found {
  commit: Commit
  what: 'info' | 'tree' | 'paths-info' | 'file'
  /** a folder or file */
  path: string
}

/** Which commit a path is about: `` or `revision/<rev>` or `tree/<rev>/…` of the api, `resolve/<rev>/…`, `<sha>/…` of the cache. */
const findCommit = (repository: Repository, kind: string, rest: string): Found | null => {
  const words = rest.split('/')
  const what = kind !== 'api/models/' ? 'file' : words[0] === 'tree' || words[0] === 'paths-info' ? words[0] : 'info'
  const after = kind.startsWith('api/resolve') ? words : words.slice(1)
  const revision = rest === '' || after[0] === 'HEAD' ? 'main' : (after[0] ?? '')
  const commit = repository.commits.get(revision)
  return commit ? { commit, what, path: after.slice(1).join('/') } : null
}

const answerApi = async (
  response: ServerResponse,
  url: URL,
  repository: Repository,
  found: Found,
  state: State,
): Promise<void> => {
  const { searchParams } = url
  if (found.what === 'info') return json(response, modelInfo(repository, found.commit, searchParams))
  if (found.what === 'paths-info') {
    const wanted = await pathsOf(response.req)
    const entries = tree(found.commit, '', true) ?? []
    return json(
      response,
      entries.filter(({ path }) => wanted.includes(String(path))),
    )
  }
  const entries = tree(found.commit, found.path, searchParams.get('recursive')?.toLowerCase() === 'true')
  if (!entries) return refuse(response, 404, 'EntryNotFound', `${found.path} does not exist on "main"`)
  const begin = Number(searchParams.get('cursor') ?? 0)
  const end = begin + (state.options.pageEntries ?? 1000)
  const next = new URL(url.href)
  next.searchParams.set('cursor', String(end))
  const more = end < entries.length
  const link = `<http://${response.req.headers.host}${next.pathname}${next.search}>; rel="next"`
  json(response, entries.slice(begin, end), more ? { link } : {})
}

/** The body of paths-info: JSON from @huggingface/hub, a form from Python. */
const pathsOf = async (request: IncomingMessage): Promise<string[]> => {
  const body = Buffer.concat((await request.toArray()) as Buffer[]).toString()
  if (body.startsWith('{')) return (JSON.parse(body) as { paths: string[] }).paths
  return new URLSearchParams(body).getAll('paths')
}

interface FileRequest {
  request: IncomingMessage
  response: ServerResponse
  url: URL
  state: State
  repository: Repository
  /** asked at the address that small files are redirected to */
  cached: boolean
  granted: boolean
  token: string | undefined
}

const answerFile = (asked: FileRequest, { commit, path }: Found): Promise<void> | void => {
  const { request, response, repository, state, cached } = asked
  const entry = commit.files.get(path)
  if (commit.model.gated && !asked.granted) return refuseGated(asked)
  const headers: Record<string, string> = { 'x-repo-commit': commit.sha }
  if (!entry) return refuse(response, 404, 'EntryNotFound', 'Entry not found', headers)
  const address = path.split('/').map(encodeURIComponent).join('/')
  if (entry.lfs)
    return redirect(
      response,
      302,
      `${state.cdn}/cdn/${repository.name}/${commit.sha}/${address}?Signature=${signature}`,
      {
        ...headers,
        'x-linked-size': String(entry.content.bytes),
        'x-linked-etag': `"${entry.content.sha256}"`,
      },
    )
  const etag = `"${entry.content.gitSha1}"`
  if (!cached)
    return redirect(response, 307, `/api/resolve-cache/models/${repository.name}/${commit.sha}/${address}`, {
      ...headers,
      etag,
      'x-linked-size': String(entry.content.bytes),
      'x-linked-etag': etag,
    })
  return sendFile(
    request,
    response,
    entry,
    { ...headers, etag },
    `/${repository.name}/resolve/${commit.sha}/${path}`,
    state,
  )
}

const refuseGated = ({ response, repository, token }: FileRequest): void =>
  refuse(
    response,
    token ? 403 : 401,
    'GatedRepo',
    `Access to model ${repository.name} is restricted. You must have access to it and be authenticated to access it. Please log in.`,
  )

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void =>
  void response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(value))

const redirect = (
  response: ServerResponse,
  status: number,
  location: string,
  headers: Record<string, string> = {},
): void => void response.writeHead(status, { location, ...headers }).end(`Redirecting to ${location}`)

const refuse = (
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void =>
  void response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      ...(code ? { 'x-error-code': code } : {}),
      'x-error-message': message,
      ...headers,
    })
    .end(JSON.stringify({ error: message }))
