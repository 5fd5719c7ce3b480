import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app, safeStorage } from 'electron'

/**
 * The hub's access token, encrypted with a key of the system's keychain, in a file of ours. It is never logged, and no error
 * holds it.
 */

const file = (): string => join(app.getPath('userData'), 'hub-token')

/** Without a desktop's keyring Linux "encrypts" with a key that everybody knows: that is no keychain. */
const hasKeychain = async (): Promise<boolean> => {
  if (!(await safeStorage.isAsyncEncryptionAvailable().catch(() => false))) return false
  return process.platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())
}

/** Keeps the token, or forgets it where it is null. False where this system has no keychain: nothing is kept then. */
export const keepToken = async (token: string | null): Promise<boolean> => {
  await rm(file(), { force: true })
  if (token === null) return true
  if (!(await hasKeychain())) return false
  try {
    await writeFile(`${file()}.new`, await safeStorage.encryptStringAsync(token), { mode: 0o600 })
    await rename(`${file()}.new`, file())
    return true
  } catch {
    return false // a keychain that is locked, or refused by the person
  }
}

/** The token that was kept, or null. What the keychain cannot read any more stays where it is. */
export const keptToken = async (): Promise<string | null> => {
  const encrypted = await readFile(file()).catch(() => null)
  if (!encrypted || !(await hasKeychain())) return null
  try {
    const { result } = await safeStorage.decryptStringAsync(encrypted)
    return result === '' ? null : result
  } catch {
    return null
  }
}
