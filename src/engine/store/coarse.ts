import type { Coarse } from '../../signal/coarse-spectrogram.ts'
import type { Database } from './database.ts'

/** Coarse spectrograms of recordings, in rows of about 1 MB. They go with their recordings (schema.ts). */
export const coarseSpectrograms = (db: Database) => {
  const remove = db.prepare(/* sql */ `DELETE FROM coarse WHERE recording = ?`)
  const put = db.prepare(/* sql */ `INSERT INTO coarse (recording, number, hop, frames, bytes) VALUES (?, ?, ?, ?, ?)`)
  const head = db.prepare<[string], { hop: number; frames: number }>(
    /* sql */ `SELECT hop, frames FROM coarse WHERE recording = ? AND number = 0`,
  )
  const chunk = db.prepare<[string, number], { bytes: Buffer }>(
    /* sql */ `SELECT bytes FROM coarse WHERE recording = ? AND number = ?`,
  )
  return {
    put: db.transaction((recording: string, { hop, frames, chunks }: Coarse): void => {
      remove.run(recording)
      for (const [number, bytes] of chunks.entries()) put.run(recording, number, hop, frames, bytes)
    }),
    find: (recording: string): Pick<Coarse, 'hop' | 'frames'> | null => head.get(recording) ?? null,
    chunk: (recording: string, number: number): Uint8Array | null => chunk.get(recording, number)?.bytes ?? null,
  }
}
