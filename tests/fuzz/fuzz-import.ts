import { fuzzImport } from './import.ts'

/** `node tests/fuzz/fuzz-import.ts [count=10000] [first=0]`: models with damaged graphs through the importer; exit code 1 where one goes wrong. */
const [count = 10_000, first = 0] = process.argv.slice(2).map(Number)
const found = await fuzzImport(first, count, (number) => {
  if (number % 500 === 0) console.error(`${number}`)
})
console.log(
  `${count} models: ${found.refused} refused with a sentence, ${found.proved} run by onnxruntime, ${found.died} of which its process died, ${found.wrong.length} wrong`,
)
console.log(`slowest: ${found.slowest.seconds.toFixed(2)} s, model ${found.slowest.number}`)
for (const { number, message } of found.wrong.slice(0, 20)) console.log(`model ${number}: ${message}`)
process.exitCode = found.wrong.length > 0 ? 1 : 0
