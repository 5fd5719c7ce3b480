import { variants, type FamilyId, type Variant } from '../../../contract/model.ts'
import { smallFiles } from '../hash.ts'
import { chooseGraphs, decodes, filesOf, graphName } from '../variants.ts'
import type { HubFile } from './api.ts'

/** What a model needs beside its graphs, and its licence; everything else of a repository stays there. */
const smallNames = [...smallFiles, 'otoscope.json', 'README.md', 'LICENSE', 'LICENSE.md', 'LICENSE.txt']

/** A graph with the weights that exporters put beside it: `x.onnx_data`, `x.onnx_data_1` …, `x.onnx.data`. */
const withWeights = (files: readonly HubFile[], graph: string): HubFile[] =>
  files.filter(({ path }) => path.startsWith(graph) && /^(|_data(_\d+)?|\.data)$/.test(path.slice(graph.length)))

/** The files to download for a variant, small ones first; null where a graph that the family needs is missing. */
export const wantedFiles = (files: readonly HubFile[], family: FamilyId, variant: Variant): HubFile[] | null => {
  const at = (stem: string): string | undefined =>
    ['onnx/', '']
      .map((folder) => folder + graphName(stem, variant))
      .find((path) => files.some((file) => file.path === path))
  const graphs = chooseGraphs(family, at)
  if (!graphs) return null
  const large = filesOf(graphs).flatMap((graph) => withWeights(files, graph))
  const small = files.filter(({ path }) => smallNames.includes(path))
  return [...small, ...large.sort((a, b) => a.bytes - b.bytes)]
}

/** Those a repository holds in full, best first. */
export const variantsListed = (files: readonly HubFile[], family: FamilyId): Variant[] =>
  variants.filter((variant) => wantedFiles(files, family, variant) !== null)

/** Whether generation must run the plain decoder for every token, because the one with a cache is not there. */
export const lacksCachedDecoder = (wanted: readonly HubFile[], family: FamilyId): boolean =>
  decodes(family) && !wanted.some(({ path }) => /decoder_(with_past_model|model_merged)/.test(path))
