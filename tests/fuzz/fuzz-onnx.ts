import { fuzzOnnx } from './onnx.ts'

/** `node tests/fuzz/fuzz-onnx.ts [count=10000] [first=0]`: damaged graphs through the reader; exit code 1 where one is no sentence. */
const [count = 10_000, first = 0] = process.argv.slice(2).map(Number)
const found = fuzzOnnx(first, count, (number) => {
  if (number % 1000 === 0) console.error(`${number}`)
})
console.log(
  `${count} files: ${found.refused} refused with a sentence, ${found.opened} opened all the same, ${found.wrong.length} wrong`,
)
console.log(
  `slowest: ${found.slowest.seconds.toFixed(2)} s, file ${found.slowest.number}; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
)
for (const { number, message } of found.wrong.slice(0, 20)) console.log(`file ${number}: ${message}`)
process.exitCode = found.wrong.length > 0 ? 1 : 0
