import { readFileSync } from 'node:fs'
import { installLibraries } from '../../../src/engine/devices/libraries.ts'
import type { LibraryPlaces } from '../../../src/engine/devices/libraries-place.ts'
import { createNet } from '../../../src/engine/net/net.ts'

/** A process of its own that installs, for tests that kill it in the middle: `install-cuda.ts PLACES.json`. */
const places = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as LibraryPlaces
const net = createNet({ env: {}, firstWait: 5 })
await installLibraries(net, places, { onProgress: ({ file, bytes }) => console.log(file, bytes) })
await net.close()
