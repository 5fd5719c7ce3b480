import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { RepoId } from '../../contract/hub.ts'
import { resource } from '../paths.ts'
import { familyOf } from './families/families.ts'

/**
 * Well-known checkpoints, each with the public pages that show its ONNX files or the code that loads them. What those do
 * not say is empty or null, never guessed.
 */
const Entry = z.strictObject({
  /** what `--models` takes */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  repo: RepoId,
  title: z.string().min(1),
  /** config.json's model_type */
  modelType: z.string().min(1),
  task: z.string().min(1),
  /** of the checkpoint, as its own page spells it */
  licence: z.string(),
  languages: z.string(),
  /** of the fp32 graphs */
  bytes: z.number().int().positive().nullable(),
  /** the checkpoint it was exported from; null where the ONNX files lie beside it */
  source: RepoId.nullable(),
  revision: z.string().min(1),
  evidence: z.array(z.url()).min(1),
})
export type CatalogueEntry = z.output<typeof Entry>

const read = (): CatalogueEntry[] => z.array(Entry).parse(JSON.parse(readFileSync(resource('catalogue.json'), 'utf8')))

let entries: CatalogueEntry[] | null = null

export const catalogue = (): readonly CatalogueEntry[] => (entries ??= read())

/** By its short id or by owner/name, as the hub compares names: without case. */
export const catalogued = (model: string): CatalogueEntry | undefined =>
  catalogue().find(({ id, repo }) => id === model || repo.toLowerCase() === model.toLowerCase())

/** A repository with ONNX files of the same checkpoint. */
export const exportedFrom = (source: string): CatalogueEntry | undefined =>
  catalogue().find((entry) => entry.source?.toLowerCase() === source.toLowerCase())

/** Whether a model of this type is one Otoscope has a family for. */
export const opensType = (modelType: string): boolean => familyOf(modelType) !== undefined
