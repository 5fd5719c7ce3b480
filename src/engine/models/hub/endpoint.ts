import { EngineError } from '../../../contract/errors.ts'

/** The hub, or the mirror that HF_ENDPOINT names, without a slash at its end. Throws `bad-input` for what is no such address. */
export const endpointOf = (env: NodeJS.ProcessEnv = process.env): string => {
  const said = (env.HF_ENDPOINT || 'https://huggingface.co').trim()
  const url = URL.canParse(said) ? new URL(said) : null
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password)
    throw new EngineError('bad-input', 'HF_ENDPOINT is no address of a hub: https://, without a name and password')
  return (url.origin + url.pathname).replace(/\/+$/, '')
}
