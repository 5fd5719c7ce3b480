import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { readCard } from '../models/folder.ts'
import type { Pulled } from '../models/hub/hub.ts'
import { openModel } from '../models/open.ts'
import type { EngineParts } from '../parts.ts'

type Name = Extract<keyof EngineHandlers, `hub.${string}`>

/** Only `look`, `pull` and `updates` leave this machine, and only when they are called. */
export const hubHandlers = ({ hub, registry, notices, leaving }: EngineParts): Pick<EngineHandlers, Name> => {
  const changed = (message = ''): void => notices.publish({ kind: 'models', message })
  return {
    'hub.catalogue': () => hub.cards(),
    'hub.account': () => hub.account(),
    'hub.token': ({ token }) => {
      hub.setToken(token)
      return hub.account()
    },
    'hub.look': (input, { signal }) => hub.look(input, signal),
    'hub.pull': async (input, { signal, part }) => {
      part({ stage: 'look', file: '', bytes: 0, total: 0, bytesPerSecond: null, secondsLeft: null, message: '' })
      try {
        await leaving.settled()
        const found = await leaving.watch(hub.pull(input, { signal, part }), signal)
        for (const note of found.notes) changed(note)
        return cardOf(found, registry.list())
      } finally {
        changed()
      }
    },
    'hub.discard': async ({ repo }) => {
      await leaving.settled()
      hub.discard(repo)
      changed()
      return null
    },
    'hub.remove': async ({ repo }) => {
      await leaving.settled()
      hub.remove(repo)
      changed()
      return null
    },
    'hub.updates': (_input, { signal }) => hub.updates(signal),
  }
}

/** The card of what was downloaded, once it was opened. An older commit beside main's is known by its folder alone. */
const cardOf = ({ repo, commit, folder, variant }: Pulled, known: ModelCard[]): ModelCard => {
  const { type } = opened(repo, folder, variant)
  const card = readCard(folder, variant)
  const hub = { repo, revision: commit }
  const listed = known.find((one) => one.hub?.repo === repo && one.hub.revision === commit)
  if (!listed) return { ...card, id: folder, type, hub }
  const id = listed.variant === variant ? listed.id : `${listed.id}:${variant}`
  return { ...card, id, origin: 'hub', type, hub, licence: listed.licence }
}

const opened = (repo: string, folder: string, variant: Pulled['variant']): ModelCard => {
  try {
    return openModel(folder, variant).card
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const sentence = `${repo} is here and verified, but does not open: ${error.message}; its files stay`
    throw new EngineError(error.code, sentence, error.detail)
  }
}
