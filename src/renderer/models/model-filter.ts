import type { HubCard } from '../../contract/hub.ts'

/** What the list of the model browser shows. */
export interface ModelFilter {
  /** every word must be somewhere in the card */
  words: string
  state: 'all' | 'here' | 'partial' | 'absent'
  /** a model_type, empty for all */
  family: string
  task: string
}

export const anyModel: ModelFilter = { words: '', state: 'all', family: '', task: '' }

const textOf = (card: HubCard): string =>
  [card.id, card.repo, card.title, card.modelType, card.task, card.licence, card.languages, card.source ?? '']
    .join(' ')
    .toLowerCase()

export const filterModels = (cards: readonly HubCard[], filter: ModelFilter): HubCard[] => {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean)
  return cards.filter((card) => {
    const text = textOf(card)
    return (
      (filter.state === 'all' || card.state === filter.state) &&
      (!filter.family || card.modelType === filter.family) &&
      (!filter.task || card.task === filter.task) &&
      words.every((word) => text.includes(word))
    )
  })
}

/** The values of one field, each once, in order. */
export const choicesOf = (cards: readonly HubCard[], field: 'modelType' | 'task'): string[] =>
  [...new Set(cards.map((card) => card[field]))].filter(Boolean).sort((a, b) => a.localeCompare(b))

/** Commits are told apart by their first seven digits. */
export const shortRevision = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision
