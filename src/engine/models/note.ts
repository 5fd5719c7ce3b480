import { isJson, readJson, type Json } from './read-json.ts'

/** Otoscope's own note beside config.json: `untrained`, `licence`, `note`, and of a mapped model what its config files lack. */
export const noteName = 'otoscope.json'

export const readNote = (folder: string): Json => readJson(folder, noteName) ?? {}

/** What a person mapped and what was read from the graph then, as a config and a preprocessor that stand over those of the files. */
export interface MappedConfigs {
  config: Json
  preprocessor: Json
}

export const mappedConfigs = ({ config, preprocessor }: Json): MappedConfigs | null =>
  isJson(config) && isJson(preprocessor) ? { config, preprocessor } : null
