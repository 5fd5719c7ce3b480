import { join } from 'node:path'
import type { JobInput } from '../../contract/inference.ts'
import type { Variant } from '../../contract/model.ts'
import type { NodeCounts, ProviderId } from '../../contract/run.ts'
import { openTokenizer, type TokenTexts } from '../analysis/tokenizer.ts'
import type { Model, ModelGraph } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { writeSkeleton } from '../models/skeleton-file.ts'
import { untrainedTwin } from '../models/untrained-twin.ts'
import { openWorkFolder, type WorkFolder } from '../work-folder.ts'
import { sumNodes } from './placement.ts'
import { createSession, type Session } from './session.ts'

type Part = 'encoder' | 'decoder' | 'decoderWithPast'

/** A model with its graphs loaded as they are asked for, every hidden state exposed. The sessions stay this module's. */
export interface WarmModel {
  model: Model
  provider: ProviderId
  /** null where the folder has no tokenizer */
  tokenizer(): TokenTexts | null
  /** `graph` must be one of the model's own */
  session(part: Part, graph: ModelGraph, signal: AbortSignal): Promise<Session>
  /** nodes by provider, of the graphs that ran since this model was last taken with `warmModel` */
  nodes(): NodeCounts
  /** spent on loading graphs since then */
  loadSeconds(): number
}

export interface WarmKey {
  modelFolder: string
  modelVariant: Variant
  modelHash: string
  provider: ProviderId
  threads: number
  /** the model's untrained twin in its place, whose files are removed when it is released */
  twin?: boolean
  /** of the run it is wanted for; where that is more than there is, other models are released first */
  memory?: JobInput['memory']
}

type Loaded = ReturnType<typeof load>

/** Loaded models by what they depend on, least recently used first. */
const warm = new Map<string, Loaded & { place: string }>()
const kept = 2
const workFolders = new Map<string, WorkFolder>()

/**
 * The model, kept loaded for the next run; the last two are kept. Dropped is one whose files changed, and the same on another provider.
 * Skeletons go into a work folder below `parent`.
 */
export const warmModel = (key: WarmKey, parent: string): WarmModel => {
  const name = [key.modelHash, key.provider, key.threads, key.twin ? 'twin' : ''].join(' ')
  const known = warm.get(name)
  const place = [key.modelFolder, key.modelVariant, key.twin ? 'twin' : ''].join(':')
  drop((other, otherName) => other.place === place && otherName !== name)
  makeRoom(key.memory, place)
  const used = known ?? { place, ...load(key, parent) }
  // the end of a Map is what was used last
  warm.delete(name)
  warm.set(name, used)
  drop(() => warm.size > kept)
  used.begin()
  return used
}

/** Releases what is loaded beside the model of `place` where there is no room for both. */
export const makeRoom = (memory: JobInput['memory'], place?: string): void => {
  if (isShort(memory)) drop((other) => other.place !== place)
}

const isShort = (memory: JobInput['memory']): boolean =>
  memory !== undefined && process.memoryUsage.rss() + memory.needed > memory.limit

/** Releases every session and removes the work folders. */
export const coolDown = (): void => {
  drop(() => true)
  for (const folder of workFolders.values()) folder[Symbol.dispose]()
  workFolders.clear()
}

const drop = (should: (model: { place: string }, name: string) => boolean): void => {
  for (const [name, model] of warm) {
    if (!should(model, name)) continue
    warm.delete(name)
    model.release()
  }
}

const workFolder = (parent: string): string => {
  const folder = workFolders.get(parent) ?? openWorkFolder(join(parent, 'work'))
  workFolders.set(parent, folder)
  return folder.path
}

/** What a run reads of a graph beside its stock outputs. */
const exposed = (graph: ModelGraph): string[] => [...new Set([...graph.hidden, graph.top])]

const load = ({ modelFolder, modelVariant, provider, threads, twin }: WarmKey, parent: string) => {
  const stock = openModel(modelFolder, modelVariant)
  const model = twin ? untrainedTwin(stock) : stock
  const own = twin ? openWorkFolder(join(parent, 'work')) : null
  const work = own?.path ?? workFolder(parent)
  const sessions = new Map<Part, Session>()
  const ran = new Set<Session>()
  let loadSeconds = 0
  let texts: TokenTexts | null | undefined
  return {
    model,
    provider,
    tokenizer: () => (texts ??= openTokenizer(modelFolder)),
    session: async (part: Part, graph: ModelGraph, signal: AbortSignal): Promise<Session> => {
      const loaded = sessions.get(part)
      if (loaded) return loaded
      const began = performance.now()
      const path = writeSkeleton(graph, work, part === 'decoderWithPast' ? [] : exposed(graph))
      const session = noting(await createSession(path, { provider, threads, signal, profileFolder: work }), ran)
      sessions.set(part, session)
      loadSeconds += (performance.now() - began) / 1000
      return session
    },
    begin: () => {
      ran.clear()
      loadSeconds = 0
    },
    loadSeconds: () => loadSeconds,
    nodes: () => sumNodes([...ran].map((session) => session.nodes)),
    release: () => {
      for (const session of sessions.values()) session.release()
      own?.[Symbol.dispose]()
    },
  }
}

/** The session, adding itself to `ran` with each run. */
const noting = (session: Session, ran: Set<Session>): Session => {
  const noted: Session = {
    ...session,
    get nodes() {
      return session.nodes
    },
    run: async (feeds, fetches) => {
      const results = await session.run(feeds, fetches)
      ran.add(noted)
      return results
    },
  }
  return noted
}
