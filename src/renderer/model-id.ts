import { variants, type Variant } from '../contract/model.ts'

/** `whisper-tiny:q8` is the model `whisper-tiny` with its q8 weights; without a suffix it is the best weights that are there. */

export const splitModelId = (id: string): { base: string; variant: Variant | null } => {
  const at = id.lastIndexOf(':')
  const variant = variants.find((one) => at > 0 && one === id.slice(at + 1)) ?? null
  return { base: variant ? id.slice(0, at) : id, variant }
}

/** The id that calls take; `first` of the model's variants needs no suffix. */
export const joinModelId = (base: string, variant: Variant | null, first?: Variant): string =>
  variant === null || variant === first ? base : `${base}:${variant}`
