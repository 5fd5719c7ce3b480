import { EngineError } from '../../../contract/errors.ts'
import { answerError } from '../../net/answer-error.ts'
import type { Net } from '../../net/net.ts'
import { hostOf, networkError } from '../../net/network-error.ts'
import { createPatience } from '../../net/patience.ts'
import type { Tokens } from './token.ts'

/** One question to the hub, for a small answer. */
export interface Question {
  /** owner/name it is about, for the sentence where it fails */
  repo: string
  signal?: AbortSignal
  /** hears why and how long it waits before it asks again */
  onWait?: (message: string) => void
}

/** Asks `path` of the hub and answers with its whole body, again after what may pass. Throws as `refusal`. */
export type Ask = (path: string, question: Question) => Promise<Response>

/** The token goes to the hub's own origin and to nobody else. */
export const authorization = (tokens: Tokens): Record<string, string> => {
  const { token } = tokens.current()
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

export const createAsk = (net: Net, endpoint: string, tokens: Tokens): Ask => {
  const once = async (url: string, { repo, signal }: Question, answered: () => void): Promise<Response> => {
    const headers = { accept: 'application/json', ...authorization(tokens) }
    const answer = await net.fetch(url, { headers, ...(signal && { signal }) })
    answered()
    const body = await answer.text()
    if (!answer.ok) {
      const error = answerError(answer, repo)
      // a mirror may not use the hub's own words
      if (error.code === 'not-found') error.detail['reason'] ||= 'RepoNotFound'
      throw refusal(error, endpoint, repo, tokens)
    }
    return new Response(body, answer)
  }
  return async (path, question) => {
    const url = endpoint + path
    const patience = createPatience(net.firstWait, question.onWait ?? (() => undefined), question.signal)
    for (;;) {
      try {
        return await once(url, question, patience.answered)
      } catch (error) {
        question.signal?.throwIfAborted()
        await patience.wait(networkError(error, url, net.proxy))
      }
    }
  }
}

/** The failures that the hub means in a way of its own: what they mean for a model, and what to do. */
export const refusal = (error: unknown, endpoint: string, repo: string, tokens: Tokens): unknown => {
  if (!(error instanceof EngineError) || !['not-allowed', 'not-found'].includes(error.code)) return error
  const host = hostOf(endpoint)
  const signedIn = tokens.current().token !== null
  const as = (code: 'not-allowed' | 'not-found', sentence: string) => new EngineError(code, sentence, error.detail)
  switch (error.detail['reason']) {
    case 'GatedRepo':
      return as('not-allowed', gatedSentence(endpoint, repo, signedIn))
    case 'RevisionNotFound':
      return as('not-found', `${repo} has no such revision; name a branch, tag or commit that it has`)
    case 'RepoNotFound':
      return as('not-found', missingSentence(host, repo, signedIn))
    default: {
      if (error.code !== 'not-allowed') return error
      const { host: other, status } = error.detail
      if (other === host) return as('not-allowed', tokenSentence(host, repo, signedIn))
      // the one big files are on never sees the token
      const sentence = `${String(other)}, to which ${host} leads for files of ${repo}, refuses them (${String(status)}); try again later, or look whether a firewall or proxy is in the way`
      return as('not-allowed', sentence)
    }
  }
}

const giveToken = 'give an access token: in the model browser, in HF_TOKEN, or with Hugging Face’s own `hf auth login`'

/** A model whose licence a person must accept first. */
export const gatedSentence = (endpoint: string, repo: string, signedIn: boolean): string =>
  signedIn
    ? `${repo} is given only to those who accept its licence: accept it on ${endpoint}/${repo} with the account of the access token`
    : `${repo} is given only to those who accept its licence: accept it on ${endpoint}/${repo}, then ${giveToken}`

const missingSentence = (host: string, repo: string, signedIn: boolean): string =>
  `there is no model ${repo} on ${host}, ` +
  (signedIn
    ? 'or the access token does not reach it; check its name'
    : `or it is private; check its name, or ${giveToken}`)

const tokenSentence = (host: string, repo: string, signedIn: boolean): string =>
  signedIn
    ? `${host} does not accept the access token for ${repo}; make a new one in its settings, or take this one away`
    : `${host} wants an access token for ${repo}; ${giveToken}`
