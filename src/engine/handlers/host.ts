import { basename } from 'node:path'
import type { HostHandlers } from '../../contract/host.ts'
import type { EngineParts } from '../parts.ts'
import { exportModel } from '../models/export.ts'
import { importModel } from '../models/import.ts'
import { resource } from '../paths.ts'
import { openByPath } from './raw.ts'

/** The calls that take paths: for hosts, never for the page. The setting that is one is in settings.ts. */
export const hostHandlers = (parts: EngineParts): Omit<HostHandlers, 'settings.cacheFolder'> => {
  const { sounds, openings, ownFiles, models, registry, hub, notices } = parts
  const changed = (kind: 'recordings' | 'models'): void => notices.publish({ kind, message: '' })
  return {
    'files.open': async (input, { signal }) => {
      const { path, name, ours } = input
      if (ours) ownFiles.add(path)
      const recording = await ownFiles.during(path, () =>
        openings.follow(name ?? basename(path), signal, (following) => openByPath(parts, input, following)),
      )
      changed('recordings')
      return recording
    },
    'files.openSamples': async (_input, { signal }) => {
      const opened = []
      for (const name of samples) opened.push(await sounds.open(resource('recordings', name), { sample: true, signal }))
      changed('recordings')
      return opened
    },
    'models.open': ({ model }) => models.open(model).card,
    'models.import': async ({ path, mapping }, copying) => {
      const card = await importModel(path, registry, copying, mapping)
      changed('models')
      return card
    },
    'models.export': async ({ model, path }, copying) => {
      await exportModel(model, models.find(model), path, copying)
      return null
    },
    'hub.keychain': ({ token }) => {
      hub.setKeychainToken(token)
      return null
    },
    'models.remove': ({ model }) => {
      const repo = registry.list().find((card) => card.id === model || card.hub?.repo === model)?.hub?.repo
      if (repo === undefined) registry.remove(model)
      else hub.remove(repo)
      changed('models')
      return null
    },
  }
}

/** The first two stand side by side, the others can be chosen. */
const samples = ['thunder.wav', 'chimes.wav', 'voice.wav', 'scene.wav']
