import type { HubListing } from '../../../contract/hub.ts'
import { catalogued, exportedFrom } from '../catalogue.ts'
import { familyOf, knownTypes } from '../families/families.ts'
import type { HubRepo } from './api.ts'
import { variantsListed, wantedFiles } from './wanted.ts'

/** What can be downloaded of a repository; `present` says how many bytes of a list of files are already here. */
export const listingOf = (found: HubRepo, present: (files: HubRepo['files']) => number): HubListing => {
  const family = familyOf(found.modelType)
  const variants = family ? variantsListed(found.files, family.id) : []
  const hasGraphs = found.files.some(({ path }) => path.endsWith('.onnx'))
  const refused = refusal(found, hasGraphs, variants.length > 0)
  return {
    repo: found.repo,
    revision: found.commit,
    modelType: found.modelType,
    task: tasks[found.pipeline] ?? found.pipeline,
    licence: found.licence || (catalogued(found.repo)?.licence ?? ''),
    gated: found.gated,
    opens: family !== undefined,
    variants: variants.map((variant) => {
      const files = wantedFiles(found.files, family!.id, variant)!
      return { variant, bytes: total(files), present: present(files) }
    }),
    refused,
    alternative: refused === '' ? null : (exportedFrom(found.repo)?.repo ?? null),
    exportCommand: hasGraphs ? null : exportCommand(found),
  }
}

const total = (files: HubRepo['files']): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

const tasks: Record<string, string> = {
  'automatic-speech-recognition': 'speech to text',
  'audio-classification': 'sound events',
  'feature-extraction': 'speech representations',
}

const refusal = (found: HubRepo, hasGraphs: boolean, complete: boolean): string => {
  const { repo, modelType } = found
  if (modelType === '') return `${repo} has no config.json that names its model type, so it cannot be opened`
  if (!familyOf(modelType))
    return `${repo} is of the model type ${modelType}, which Otoscope does not open yet; it opens ${knownTypes}`
  if (!hasGraphs) return `${repo} has no ONNX files${instead(found)}`
  if (complete) return ''
  return `${repo} has ONNX files, but not those its model type needs${instead(found)}`
}

/** Where the same model is with ONNX files, or how to make them. */
const instead = (found: HubRepo): string => {
  const other = exportedFrom(found.repo)
  const make = `export it with: ${exportCommand(found)}`
  return other ? `; ${other.repo} has the same model with them, or ${make}` : `; ${make}`
}

/** As optimum-onnx's own pages say it: https://huggingface.co/docs/optimum-onnx/installation */
const exportCommand = ({ repo, modelType, pipeline }: HubRepo): string => {
  const folder = repo.split('/')[1]!
  return `pip install "optimum-onnx[onnxruntime]" && optimum-cli export onnx --model ${repo} --task ${exportTask(modelType, pipeline)} ${folder}`
}

const exportTask = (modelType: string, pipeline: string): string => {
  if (familyOf(modelType)?.decoder) return 'automatic-speech-recognition-with-past'
  if (modelType === 'audio-spectrogram-transformer') return 'audio-classification'
  return ['automatic-speech-recognition', 'audio-classification'].includes(pipeline) ? pipeline : 'feature-extraction'
}
