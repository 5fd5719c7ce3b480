import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where Hugging Face's libraries keep things on this machine, so that they and we find the same files. */
export interface HubFolders {
  /** `models--owner--name/…` */
  cache: string
  /** what `hf auth login` writes */
  tokenFile: string
}

/**
 * As huggingface_hub reads the environment. Not `getHFHubCachePath` of @huggingface/hub: that knows no `~`, and loading it costs
 * every command 40 ms.
 */
export const hubFolders = (env: NodeJS.ProcessEnv = process.env): HubFolders => {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join('~', '.cache'), 'huggingface')
  return {
    cache: expanded(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(home, 'hub'), env),
    tokenFile: expanded(env.HF_TOKEN_PATH || join(home, 'token'), env),
  }
}

/** `~` and `$NAME`, as Python's expanduser and expandvars. */
const expanded = (path: string, env: NodeJS.ProcessEnv): string =>
  resolve(
    path
      .replace(/^~(?=$|[\\/])/, homedir())
      .replace(/\$(\w+)|\$\{(\w+)\}/g, (all, plain?: string, braced?: string) => env[plain ?? braced ?? ''] ?? all),
  )
