import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pythonPath } from './needs.ts'

/** Runs a Python script and answers what it prints. The server it may ask runs in this process, so this one does not block. */
export const runPython = async (script: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const all = { ...process.env, HF_HUB_DISABLE_PROGRESS_BARS: '1', HF_HUB_DISABLE_TELEMETRY: '1', ...env }
  // to Python an empty variable is not as if it were not set
  const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  const { stdout } = await promisify(execFile)(pythonPath, ['-c', script], { env: set })
  return stdout.trim()
}
