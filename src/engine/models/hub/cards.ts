import type { HubCard } from '../../../contract/hub.ts'
import type { ModelType } from '../../../contract/model.ts'
import { catalogue, catalogued, opensType, type CatalogueEntry } from '../catalogue.ts'
import { readCard } from '../folder.ts'
import { readJson } from '../read-json.ts'
import { cardLicence, type CachedModel } from './cached.ts'
import type { Downloaded } from './downloaded.ts'

/** Lines of the model browser: the catalogue in its order, then what else is in the cache or was begun. */
export const hubCards = (here: readonly CachedModel[], downloaded: Downloaded): HubCard[] => {
  const state = (repo: string) => stateOf(repo, here, downloaded)
  const known = catalogue().map((entry) => ({ ...factsOf(entry), ...state(entry.repo) }))
  const others = here.filter(({ repo }) => !catalogued(repo))
  const begun = downloaded
    .partialRepos()
    .filter((repo) => !catalogued(repo) && !here.some((model) => model.repo === repo))
  return [
    ...known,
    ...others.map((model) => ({ ...factsIn(model), ...state(model.repo) })),
    ...begun.map((repo) => ({ ...unknown(repo), ...state(repo) })),
  ]
}

type State = Pick<HubCard, 'state' | 'partialBytes' | 'revision' | 'ours'>
type Facts = Omit<HubCard, keyof State>

const stateOf = (repo: string, here: readonly CachedModel[], downloaded: Downloaded): State => {
  const model = here.find((cached) => cached.repo.toLowerCase() === repo.toLowerCase())
  const partialBytes = downloaded.partialBytes(repo)
  return {
    state: model ? 'here' : partialBytes > 0 ? 'partial' : 'absent',
    partialBytes,
    revision: model?.revision ?? null,
    ours: model !== undefined && downloaded.isOurs(model.repo),
  }
}

const factsOf = (entry: CatalogueEntry): Facts => {
  const { id, repo, title, modelType, task, licence, languages, bytes, source } = entry
  return { id, repo, title, modelType, task, licence, languages, bytes, source, opens: opensType(modelType) }
}

const tasks: Record<ModelType, string> = {
  ctc: 'speech to text',
  'encoder-decoder': 'speech to text',
  classifier: 'sound events',
  encoder: 'speech representations',
}

/** What the files of a model say that is not in the catalogue. */
const factsIn = ({ id, repo, folder }: CachedModel): Facts => {
  const { type, bytes } = readCard(folder)
  const modelType = String(readJson(folder, 'config.json')?.['model_type'] ?? '')
  return { ...unknown(repo), id, modelType, task: tasks[type], licence: cardLicence(folder) ?? '', bytes }
}

const unknown = (repo: string): Facts => ({
  id: repo,
  repo,
  title: repo.split('/')[1]!,
  modelType: '',
  task: '',
  licence: '',
  languages: '',
  bytes: null,
  source: null,
  opens: true,
})
