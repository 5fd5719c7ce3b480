import type { ModelProof } from '../../contract/proof.ts'
import { version } from '../paths.ts'
import type { Database } from './database.ts'

/** What trying models' taps found; another version of Otoscope may have tried otherwise. */
export const proofs = (db: Database) => {
  const find = db.prepare<[string, string], { card: string }>(
    /* sql */ `SELECT card FROM proofs WHERE model = ? AND otoscope = ?`,
  )
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO proofs (model, otoscope, card) VALUES (?, ?, ?)`)
  return {
    find: (modelHash: string): ModelProof | null => {
      const row = find.get(modelHash, version)
      return row ? (JSON.parse(row.card) as ModelProof) : null
    },
    put: (proof: ModelProof): void => void put.run(proof.model, version, JSON.stringify(proof)),
  }
}
