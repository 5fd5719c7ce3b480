import { main } from './main.ts'

process.exitCode = await main(process.argv.slice(2))
// nothing is left to do: what a library may still hold open does not keep the command from ending
process.stdout.write('', () => process.exit())
