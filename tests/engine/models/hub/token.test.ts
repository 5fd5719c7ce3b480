import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTokens } from '../../../../src/engine/models/hub/token.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-token-'))
  file = join(folder, 'token')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('there is none unless somebody gave one', () => {
  expect(createTokens(file, {}).current()).toEqual({ place: 'none', token: null })
})

test('what the person gave counts first, then the environment, the keychain and the file', () => {
  writeFileSync(file, 'hf_file\n')
  const tokens = createTokens(file, {})
  expect(tokens.current()).toEqual({ place: 'file', token: 'hf_file' })
  tokens.setKeychain('hf_keychain')
  expect(tokens.current().place).toBe('keychain')
  const both = createTokens(file, { HF_TOKEN: 'hf_env', HUGGING_FACE_HUB_TOKEN: 'hf_old' })
  expect(both.current()).toEqual({ place: 'environment', token: 'hf_env' })
  expect(createTokens(file, { HUGGING_FACE_HUB_TOKEN: 'hf_old' }).current().token).toBe('hf_old')
  both.setSession(' hf_session ')
  expect(both.current()).toEqual({ place: 'session', token: 'hf_session' })
  both.setSession(null)
  expect(both.current().place).toBe('environment')
})

test('the file is read each time: signing in elsewhere counts at once', () => {
  const tokens = createTokens(file, {})
  expect(tokens.current().token).toBeNull()
  writeFileSync(file, 'hf_later')
  expect(tokens.current().token).toBe('hf_later')
})

test('what cannot be a token is refused without being repeated', () => {
  const tokens = createTokens(file, { HF_TOKEN: 'two words\r\nx: y' })
  expect(() => tokens.current()).toThrow('the access token in HF_TOKEN has characters no token has')
  let message = ''
  try {
    tokens.setSession('secret\nwith a line')
  } catch (error) {
    message = (error as Error).message
  }
  expect(message).toContain('no access token')
  expect(message).not.toContain('secret')
})
