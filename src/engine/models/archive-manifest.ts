import { EngineError } from '../../contract/errors.ts'

/**
 * What lies in a carried model's folder, as `sha256sum --check` reads it too: a line `<hash>  <name>` for every other file.
 */
export const manifestName = 'otoscope.sha256'

/** name → SHA-256 in hex */
export type Manifest = Map<string, string>

export const printManifest = (manifest: Manifest): string =>
  [...manifest].map(([name, hash]) => `${hash}  ${name}\n`).join('')

/** Throws `bad-download` where a line is none. */
export const parseManifest = (text: string): Manifest => {
  const manifest: Manifest = new Map()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, hash, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (hash === undefined || name === undefined)
      throw new EngineError('bad-download', `${manifestName} is damaged: copy the model again`)
    manifest.set(name, hash)
  }
  return manifest
}
