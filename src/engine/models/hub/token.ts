import { readFileSync } from 'node:fs'
import { EngineError } from '../../../contract/errors.ts'
import type { HubAccount } from '../../../contract/hub.ts'

export type TokenPlace = HubAccount['token']

/** The access token and where it is from. It goes into one request header and nowhere else: no message, log, store or file. */
export interface Tokens {
  /** Throws `not-allowed` where what is found cannot be a token */
  current(): { place: TokenPlace; token: string | null }
  /** for as long as this engine runs; null forgets it. Throws `bad-input` for what cannot be a token */
  setSession(token: string | null): void
  /** what the desktop shell found in the system's keychain; null where there is none */
  setKeychain(token: string | null): void
}

/** What may stand in a header; anything else would be repeated in the error of whoever builds the request. */
const isToken = (text: string): boolean => /^[\x21-\x7e]{1,512}$/.test(text)

/** `env` is read each time, and so is the file: signing in elsewhere counts at once. */
export const createTokens = (tokenFile: string, env: NodeJS.ProcessEnv = process.env): Tokens => {
  let session: string | null = null
  let keychain: string | null = null
  const given = (token: string | null): string | null => {
    const trimmed = token?.trim() ?? null
    if (trimmed !== null && !isToken(trimmed))
      throw new EngineError('bad-input', 'that is no access token: it has spaces or other characters no token has')
    return trimmed
  }
  return {
    current: () => {
      const places: [TokenPlace, string | null][] = [
        ['session', session],
        ['environment', (env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN)?.trim() || null],
        ['keychain', keychain],
        ['file', readToken(tokenFile)],
      ]
      const [place, token] = places.find(([, found]) => found !== null) ?? ['none', null]
      if (token !== null && !isToken(token))
        throw new EngineError('not-allowed', `the access token ${said[place]} has characters no token has: set it anew`)
      return { place, token }
    },
    setSession: (token) => void (session = given(token)),
    setKeychain: (token) => void (keychain = given(token)),
  }
}

const said: Record<TokenPlace, string> = {
  none: '',
  environment: 'in HF_TOKEN',
  file: "in Hugging Face's token file",
  keychain: 'in the keychain',
  session: 'given to this program',
}

const readToken = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}
