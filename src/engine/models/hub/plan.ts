import { EngineError } from '../../../contract/errors.ts'
import { RepoId, type HubListing, type PullInput } from '../../../contract/hub.ts'
import type { Variant } from '../../../contract/model.ts'
import { catalogued } from '../catalogue.ts'
import { familyOf } from '../families/families.ts'
import { readCard } from '../folder.ts'
import type { HubFile, HubRepo } from './api.ts'
import { cachedModel } from './cached.ts'
import { lacksCachedDecoder, wantedFiles } from './wanted.ts'

/** A catalogue id or owner/name, and the revision: what was asked for, or what the catalogue says. */
export const namedBy = ({ model, revision }: PullInput): { repo: string; revision: string } => {
  const entry = catalogued(model)
  const repo = entry?.repo ?? model
  if (!RepoId.safeParse(repo).success)
    throw new EngineError(
      'not-found',
      `there is no ${model} in the catalogue; otoscope models list --all shows it, and any other model of the hub is owner/name`,
    )
  return { repo, revision: revision ?? entry?.revision ?? 'main' }
}

/** What is to be downloaded, before the hub was asked. */
export interface Wish {
  repo: string
  revision: string
  /** the variant that was asked for */
  asked: string | undefined
  /** those that are here, best first */
  here: readonly Variant[]
}

/** Another variant of a model that is here comes from the commit that is here: both stay side by side. */
export const wishOf = (input: PullInput, cache: string): Wish => {
  const { repo, revision } = namedBy(input)
  const cached = cachedModel(cache, repo)
  const here = cached ? readCard(cached.folder).variants : []
  const asked = input.variant
  const isAnother = asked !== undefined && !here.some((variant) => variant === asked)
  const beside = input.revision === undefined && isAnother ? cached?.revision : undefined
  return { repo, revision: beside ?? revision, asked, here }
}

export interface Plan {
  files: HubFile[]
  /** the best of those it brings */
  variant: Variant
  /** sentences about what the repository lacks, and what happens instead */
  notes: string[]
}

/** The files of the variant asked for; else of those that are here; else of the best. Throws `bad-model` or `bad-input`. */
export const planOf = (found: HubRepo, listing: HubListing, { repo, asked, here }: Wish): Plan => {
  const { refused, alternative, exportCommand } = listing
  if (refused !== '') throw new EngineError('bad-model', refused, { alternative, exportCommand })
  const there = listing.variants.map(({ variant }) => variant)
  const wanted = there.filter((variant) => (asked === undefined ? here.includes(variant) : variant === asked))
  if (asked !== undefined && wanted.length === 0)
    throw new EngineError('bad-input', `${repo} has no variant ${asked}; it has ${there.join(', ')}`)
  const brought = wanted.length > 0 ? wanted : there.slice(0, 1)
  const family = familyOf(found.modelType)!.id
  const files = new Set(brought.flatMap((one) => wantedFiles(found.files, family, one)!))
  const lacks = brought.some((one) => lacksCachedDecoder(wantedFiles(found.files, family, one)!, family))
  return { files: [...files], variant: brought[0]!, notes: lacks ? [plainDecoderNote(repo)] : [] }
}

const plainDecoderNote = (repo: string): string =>
  `${repo} has no decoder_with_past_model.onnx: the plain decoder runs for every token instead, which is slower`
