// `npm ci` builds. `npx otoscope` links this folder and runs `prepare` again: then the build that is there will do.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')

if (process.env.npm_command !== 'exec' || !existsSync(join(root, 'out/main/cli.js'))) {
  const folder = dirname(createRequire(import.meta.url).resolve('electron-vite/package.json'))
  const words = [join(folder, 'bin/electron-vite.js'), 'build', '--logLevel', 'warn']
  execFileSync(process.execPath, words, { stdio: 'inherit', cwd: root })
}
