import { EngineError } from '../../contract/errors.ts'
import { hostOf } from './network-error.ts'

/**
 * An answer that is not what was asked for, as one sentence about `what`. `detail` has the status, the hub's own X-Error-Code
 * ("GatedRepo", "RepoNotFound", "EntryNotFound", "RevisionNotFound") and how many milliseconds the server asks to wait, or null.
 */
export const answerError = (response: Response, what: string): EngineError => {
  const { status, headers } = response
  const host = hostOf(response.url)
  const detail = { status, host, reason: headers.get('x-error-code') ?? '', waitMs: waitOf(headers) }
  if (status === 401 || status === 403)
    return new EngineError(
      'not-allowed',
      `${host} does not give ${what} to this program (${status}${said(headers)}); it wants an access token, and of some models their licence accepted first`,
      detail,
    )
  if (status === 404 || status === 410)
    return new EngineError('not-found', `${host} has no ${what} (${status}${said(headers)}); check its name`, detail)
  if (status === 429)
    return new EngineError(
      'no-network',
      `${host} allows no more requests for now (429); try again ${when(detail.waitMs)}`,
      detail,
    )
  if (status >= 500)
    return new EngineError('no-network', `${host} cannot answer now (${status}); try again later`, detail)
  return new EngineError(
    'bad-download',
    `${host} answers ${status} when asked for ${what}; try again later, or elsewhere`,
    detail,
  )
}

const when = (waitMs: number | null): string => (waitMs === null ? 'later' : `in ${Math.ceil(waitMs / 60_000)} min`)

const said = (headers: Headers): string => {
  const message = headers.get('x-error-message')?.replace(/[.;\s]+$/, '')
  return message ? `: ${message.slice(0, 200)}` : ''
}

/** Retry-After in seconds or as a date; or the hub's own `RateLimit: "resolvers";r=0;t=55`. */
const waitOf = (headers: Headers): number | null => {
  const after = headers.get('retry-after')
  if (after !== null) {
    const wait = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
    return Number.isNaN(wait) ? null : Math.max(0, wait)
  }
  const reset = /\br=0;t=(\d+)/.exec(headers.get('ratelimit') ?? '')
  return reset ? Number(reset[1]) * 1000 : null
}
