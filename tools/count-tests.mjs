// Prints "N passed, N failed, N skipped" of a vitest JSON report, the skipped ones with their reasons above it.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const tests = report.testResults.flatMap((file) => file.assertionResults)
const count = (...states) => tests.filter(({ status }) => states.includes(status)).length
const skipped = tests.filter(({ status }) => status === 'pending' || status === 'skipped' || status === 'todo')
for (const test of skipped) console.log(`skipped: ${test.fullName}`)
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
for (const file of brokenFiles) console.log(`did not start: ${file.name}`)
const failed = count('failed') + brokenFiles.length
const passed = count('passed')
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
