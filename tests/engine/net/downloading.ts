import { writeSync } from 'node:fs'
import { downloadFile, type Wanted } from '../../../src/engine/net/download.ts'
import { createNet } from '../../../src/engine/net/net.ts'

/** A process that downloads what its argument names, says each stage and byte on its standard output, and is killed by a test. */
const wanted = JSON.parse(process.argv[2] ?? '') as Wanted
const net = createNet({ env: {} })
await downloadFile(net, wanted, {
  onProgress: ({ stage, bytes }) => void writeSync(1, `${stage} ${bytes}\n`),
})
writeSync(1, 'done 0\n')
await net.close()
