import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { EngineError } from '../../contract/errors.ts'
import { coarseSpectrograms } from './coarse.ts'
import { isBusy, isCorrupt, writing } from './connection-errors.ts'
import { fileHashes } from './files.ts'
import { makeFolder } from './make-folder.ts'
import { importedModels } from './models.ts'
import { recordings } from './recordings.ts'
import { regions } from './regions.ts'
import { runs } from './runs.ts'
import { migrations } from './schema.ts'
import { eviction } from './eviction.ts'
import type { Store } from './store.ts'
import { tensors } from './tensors.ts'
import { proofs } from './proofs.ts'
import { verdicts } from './verdicts.ts'
import { verification } from './verification.ts'

export type Database = Sqlite.Database

const fileName = 'otoscope.sqlite'
const defaultLimit = 4e9

export interface StoreOptions {
  /** least recently used runs are dropped beyond it; 4 GB unless set */
  limitBytes?: number
  readOnly?: boolean
  /** hears a sentence when a damaged store was set aside and begun anew */
  onNotice?: (message: string) => void
  /** milliseconds since 1970, for what was used last */
  now?: () => number
}

/**
 * Opens the store in `folder`, making both where they are missing. A file that is damaged is renamed to
 * `otoscope.sqlite.corrupt-<time>`. Throws `cannot-write` where the folder cannot be written.
 */
export const openStore = (folder: string, options: StoreOptions = {}): Store => {
  const { readOnly = false, onNotice = () => {}, now = Date.now } = options
  const path = join(folder, fileName)
  if (readOnly && !existsSync(path)) openStore(folder, { onNotice }).close()
  let db = readOnly ? openReader(path) : openWriter(folder, path, onNotice)
  let limit = options.limitBytes ?? defaultLimit
  let tables = tablesOf(db, () => limit, now)

  /** A store whose pages are broken cannot be mended: it begins anew. */
  const renewing = <T>(act: () => T, renewed: T): T => {
    try {
      return act()
    } catch (error) {
      if (!isCorrupt(error) || readOnly) throw error
      db.close()
      setAside(path, onNotice)
      db = openWriter(folder, path, onNotice)
      tables = tablesOf(db, () => limit, now)
      return renewed
    }
  }
  const write = <T>(act: () => T): T => writing(folder, act)

  return {
    folder,
    putRecording: (recording, overview) => write(() => tables.recordings.put(recording, overview)),
    findRecording: (id) => write(() => tables.recordings.find(id)),
    reading: (hash) => tables.recordings.reading(hash),
    putCoarse: (recording, coarse) => write(() => tables.coarse.put(recording, coarse)),
    findCoarse: (recording) => tables.coarse.find(recording),
    coarseChunk: (recording, number) => tables.coarse.chunk(recording, number),
    fileHash: (file) => tables.files.find(file),
    rememberFileHash: (file, hash) => write(() => tables.files.remember(file, hash)),
    findRun: (id) => tables.runs.find(id, !readOnly),
    putRun: (run, items) =>
      write(() => {
        tables.runs.put(run, (key) => tables.tensors.put(key, items))
        tables.eviction.evict(run.id)
      }),
    runsOfModel: (hash, most) => tables.runs.findOfModel(hash, most),
    deleteRun: (id) => write(() => tables.runs.delete(id)),
    tensor: (run, tap, rows) => tables.tensors.read(run, tap, rows),
    verdicts: (modelHash) => tables.verdicts.find(modelHash),
    putVerdict: (verdict) => write(() => tables.verdicts.put(verdict)),
    proof: (modelHash) => tables.proofs.find(modelHash),
    putProof: (proof) => write(() => tables.proofs.put(proof)),
    regions: (recording) => tables.regions.list(recording),
    changeRegions: (recording, put, remove) => write(() => tables.regions.change(recording, put, remove)),
    importedModels: () => tables.models.list(),
    importModel: (id, model) => write(() => tables.models.put(id, model)),
    removeModel: (id) => write(() => tables.models.delete(id)),
    setLimit: (bytes) => {
      limit = bytes
      write(() => tables.eviction.evict(''))
    },
    stats: () => tables.eviction.stats(),
    verify: () => write(() => renewing(() => tables.verification.verify(), { checked: 0, bad: 1 })),
    clear: () => write(() => renewing(() => tables.eviction.clear(), undefined)),
    close: () => db.close(),
  }
}

const tablesOf = (db: Database, limit: () => number, now: () => number) => ({
  recordings: recordings(db, now),
  coarse: coarseSpectrograms(db),
  files: fileHashes(db),
  runs: runs(db, now),
  tensors: tensors(db),
  models: importedModels(db),
  verdicts: verdicts(db),
  proofs: proofs(db),
  regions: regions(db),
  eviction: eviction(db, limit),
  verification: verification(db),
})

const openReader = (path: string): Database => {
  const db = new Sqlite(path, { readonly: true, timeout: 5000 })
  db.pragma('cache_size = -16000')
  return db
}

const openWriter = (folder: string, path: string, onNotice: (message: string) => void): Database =>
  writing(folder, () => {
    makeFolder(folder)
    try {
      return prepare(path)
    } catch (error) {
      if (!isCorrupt(error)) throw error
      setAside(path, onNotice)
      return prepare(path)
    }
  })

/** Two processes that create the file at once may find it locked in ways the busy timeout does not cover: try again. */
const prepare = (path: string, attempts = 50): Database => {
  const db = new Sqlite(path, { timeout: 5000 })
  try {
    db.pragma('page_size = 16384') // this and auto_vacuum take effect before the first table only
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    db.pragma('cache_size = -16000')
    migrate(db)
    return db
  } catch (error) {
    db.close()
    if (!isBusy(error) || attempts === 0) throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    return prepare(path, attempts - 1)
  }
}

const migrate = (db: Database): void => {
  const version = (): number => db.pragma('user_version', { simple: true }) as number
  if (version() === migrations.length) return
  db.transaction(() => {
    if (version() > migrations.length)
      throw new EngineError('cannot-write', 'a later version of Otoscope made this cache: choose another cache folder')
    for (const migration of migrations.slice(version())) db.exec(migration)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}

const setAside = (path: string, onNotice: (message: string) => void): void => {
  const aside = `${path}.corrupt-${new Date().toISOString().replace(/[:.]/g, '-')}`
  renameSync(path, aside)
  // the log belongs to the damaged file; beside a new one it would damage that too
  for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  onNotice(`the cache was damaged: it was set aside as ${aside} and a new one begun; results are computed again`)
}
