import { EngineError } from '../../../contract/errors.ts'
import {
  type HubAccount,
  type HubCard,
  type HubListing,
  type PullInput,
  type UpdateCard,
} from '../../../contract/hub.ts'
import type { Variant } from '../../../contract/model.ts'
import type { Net } from '../../net/net.ts'
import type { Store } from '../../store/store.ts'
import { createApi, type HubApi, type HubRepo } from './api.ts'
import { createAsk, gatedSentence } from './ask.ts'
import { cachedModel, cachedModels, type CachedModel } from './cached.ts'
import { hubCards } from './cards.ts'
import { createDownloaded } from './downloaded.ts'
import { endpointOf } from './endpoint.ts'
import { hubFolders } from './folders.ts'
import { listingOf } from './listing.ts'
import { namedBy, planOf, wishOf } from './plan.ts'
import { presentBytes, pullFiles, type PullOptions } from './pull.ts'
import { createTokens } from './token.ts'

export interface Pulled {
  repo: string
  commit: string
  /** the snapshot, a model folder */
  folder: string
  variant: Variant
  /** sentences about what the repository lacks, and what happens instead */
  notes: string[]
}

/** Models of the Hugging Face hub. Only `look`, `pull` and `updates` ask it anything. */
export interface Hub {
  /** the catalogue, what is in the cache, and what was begun */
  cards(): HubCard[]
  account(): HubAccount
  setToken(token: string | null): void
  setKeychainToken(token: string | null): void
  look(input: PullInput, signal: AbortSignal): Promise<HubListing>
  pull(input: PullInput, options: PullOptions): Promise<Pulled>
  discard(repo: string): void
  remove(repo: string): void
  updates(signal: AbortSignal): Promise<UpdateCard[]>
}

export interface HubParts {
  net: Net
  store: Pick<Store, 'fileHash' | 'rememberFileHash'>
  env?: NodeJS.ProcessEnv
}

export const createHub = ({ net, store, env = process.env }: HubParts): Hub => {
  const { cache, tokenFile } = hubFolders(env)
  const tokens = createTokens(tokenFile, env)
  const downloaded = createDownloaded(cache)
  const pulling = new Map<string, number>()
  const api = (): HubApi => {
    const endpoint = endpointOf(env)
    return createApi(endpoint, createAsk(net, endpoint, tokens))
  }
  const listing = (found: HubRepo): HubListing => listingOf(found, (files) => presentBytes(cache, found, files))

  const pull = async (input: PullInput, options: PullOptions): Promise<Pulled> => {
    const hub = api()
    const wish = wishOf(input, cache)
    const found = await hub.look(wish.repo, wish.revision, { signal: options.signal, onWait: waiting(options) })
    const { files, variant, notes } = planOf(found, listing(found), wish)
    const isHere = files.every((file) => presentBytes(cache, found, [file]) === file.bytes)
    if (found.gated && !isHere && tokens.current().token === null)
      throw new EngineError('not-allowed', gatedSentence(hub.endpoint, wish.repo, false))
    const plan = { found, revision: wish.revision, files }
    const folder = await pullFiles({ net, api: hub, tokens, store, cache }, plan, options)
    return { repo: wish.repo, commit: found.commit, folder, variant, notes }
  }
  const idle = (repo: string): void => {
    if (pulling.get(repo)) throw new EngineError('bad-input', `${repo} is being downloaded; pause that first`)
  }
  return {
    cards: () => hubCards(cachedModels(cache), downloaded),
    account: () => ({
      token: tokens.current().place,
      endpoint: endpointOf(env),
      offline: net.offline,
      proxy: net.proxy,
      folder: cache,
    }),
    setToken: tokens.setSession,
    setKeychainToken: tokens.setKeychain,
    look: async (input, signal) => {
      const { repo, revision } = namedBy(input)
      return listing(await api().look(repo, revision, { signal }))
    },
    pull: async (input, options) => {
      const { repo } = namedBy(input)
      const change = (by: number): unknown => pulling.set(repo, (pulling.get(repo) ?? 0) + by)
      change(1)
      try {
        return await pull(input, options)
      } finally {
        change(-1)
      }
    },
    discard: (repo) => {
      idle(repo)
      downloaded.discard(repo)
    },
    remove: (repo) => {
      idle(repo)
      if (!downloaded.isOurs(repo)) throw notOurs(repo, cachedModel(cache, repo))
      downloaded.remove(repo)
    },
    updates: (signal) => updatesOf(api(), cachedModels(cache), signal),
  }
}

const waiting =
  ({ part }: PullOptions) =>
  (message: string): void =>
    part({ stage: 'wait', file: '', bytes: 0, total: 0, bytesPerSecond: null, secondsLeft: null, message })

const notOurs = (repo: string, here: CachedModel | null): EngineError =>
  here
    ? new EngineError(
        'bad-input',
        `${here.id} was downloaded by another program, which may need it; delete it with: hf cache rm model/${repo}`,
      )
    : new EngineError('not-found', `${repo} is not here`)

/** One question for each; a repository that does not answer is named with why, and the others are still asked. */
const updatesOf = async (api: HubApi, here: CachedModel[], signal: AbortSignal): Promise<UpdateCard[]> => {
  const cards: UpdateCard[] = []
  for (const { id, repo, revision } of here) {
    const card = { id, repo, here: revision }
    try {
      const upstream = await api.commit(repo, 'main', { signal })
      cards.push({ ...card, upstream, changed: upstream !== revision, problem: '' })
    } catch (error) {
      if (!(error instanceof EngineError) || !['not-found', 'not-allowed', 'bad-download'].includes(error.code))
        throw error
      cards.push({ ...card, upstream: '', changed: false, problem: error.message })
    }
  }
  return cards
}
