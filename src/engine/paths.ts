import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where things lie, run from source (`*.ts` under Node 24) or from the build (`out/main/*.js`). */

const here = fileURLToPath(import.meta.url)
const fromSource = here.endsWith('.ts')

const findRoot = (folder: string): string => {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`no package.json above ${here}`)
  return findRoot(parent)
}

/** The folder that holds package.json, resources/ and out/. */
export const root = findRoot(dirname(here))

export const version: string = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
  .version

export const resource = (...parts: string[]): string => join(root, 'resources', ...parts)

/** The built page. */
export const rendererFolder = join(root, 'out', 'renderer')

const sources = { engine: 'src/engine/process.ts', inference: 'src/engine/inference/process.ts' }

/** Module to fork for a process. */
export const processEntry = (name: keyof typeof sources): string =>
  fromSource ? join(root, sources[name]) : join(root, 'out', 'main', `${name}.js`)

const onnxruntimePackage = createRequire(here).resolve('onnxruntime-node/package.json')

/** The version that is installed: the library itself is loaded in the inference processes only. */
export const onnxruntimeVersion: string = (JSON.parse(readFileSync(onnxruntimePackage, 'utf8')) as { version: string })
  .version

/** Where onnxruntime-node keeps its native library; it looks for providers there too. */
export const bindingFolder = join(dirname(onnxruntimePackage), 'bin', 'napi-v6', process.platform, process.arch)
