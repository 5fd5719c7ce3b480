/**
 * `node tools/family-table.ts FOLDER`: the table of docs/families.md. FOLDER is what `make-goldens.py --all --out FOLDER` wrote: every small
 * model in every form of attention and opset, and what PyTorch's eager attention gives. Ends with 1 where a cell is beyond the tolerance.
 */
import { writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { exportedArrays } from '../tests/golden/command.ts'
import { largestError, loadJson, loadTensors, type LoadedTensor, type Numbers } from '../tests/golden/load.ts'
import { partOf } from '../tests/golden/parts.ts'

interface Manifest {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<
    string,
    { runs: Record<string, string[]>; arrays: Record<string, Record<string, { largest: number }>> }
  >
}
interface Cell {
  hidden: number
  attention: number
  passed: boolean
}

const folder = resolve(process.argv[2] ?? '')
const manifest = loadJson<Manifest>(join(folder, 'goldens.json'))
const goldens = loadTensors(join(folder, 'goldens.safetensors'))
const small = manifest.models.filter(({ folder: place }) => !place.startsWith('resources/'))

const numbers = ({ data }: LoadedTensor): Numbers =>
  data instanceof Float32Array ? data : Array.from(data as BigInt64Array, Number)

/** Tokens are given where the model writes: what it would write is not what is compared. */
const cellOf = async ({ golden, folder: place, region }: Manifest['models'][number]): Promise<Cell> => {
  const { runs, arrays } = manifest.goldens[golden]!
  const run = 'forced' in runs ? 'forced' : 'encoder'
  const options = [...(runs[run] ?? []), '--no-cache', '--region', region]
  const actual = await exportedArrays(join(folder, 'clip.wav'), place, ...options)
  const cell: Cell = { hidden: 0, attention: 0, passed: true }
  for (const [from, cards] of Object.entries(arrays)) {
    if (from !== 'encoder' && from !== run) continue
    for (const [name, { largest }] of Object.entries(cards)) {
      const kind = /\.(hidden|attention)\./.exec(name)?.[1] as 'hidden' | 'attention' | undefined
      if (!kind) continue
      for (const [key, value] of goldens) {
        if (!key.startsWith(`${golden}/${from}/${name}#`)) continue
        const error = largestError(partOf(actual.get(name)!, key.split('#')[1]!), numbers(value))
        cell[kind] = Math.max(cell[kind], error)
        cell.passed &&= error <= Math.max(1e-4, 1e-5 * largest)
      }
    }
  }
  return cell
}

const cells = new Map<string, Cell>()
for (const model of small) {
  cells.set(basename(model.folder), await cellOf(model))
  console.error(basename(model.folder))
}
const columns = ['sdpa-14', 'sdpa-17', 'eager-14', 'eager-17', 'bmm-14', 'bmm-17']
const text = (value: number): string => value.toExponential(0)
const shown = (cell: Cell | undefined): string =>
  cell ? `${text(cell.hidden)} · ${text(cell.attention)}${cell.passed ? '' : ' **beyond**'}` : '–'
const rows = [...new Set(small.map(({ golden }) => golden))].map(
  (name) => `| ${name} | ${columns.map((column) => shown(cells.get(`${name}-${column}`))).join(' | ')} |`,
)
const merged = shown(cells.get('whisper-merged-17'))
const page = `# Families

Every family Otoscope opens, in every form its attention is exported in, against PyTorch's eager attention on a small model with random
weights: the largest difference of a hidden state · of an attention weight, over all layers and heads. Allowed are 1e-4, or 1e-5 of the
tensor's largest magnitude; a cell beyond that says so. Written by \`node tools/family-table.ts\` from what \`make-goldens.py --all\` wrote.

Columns are transformers' form of attention and the opset of the export: \`sdpa\` is Optimum's default, \`bmm\` what exports before
transformers 4.48 have. WavLM, the Conformers and Wav2Vec2-BERT bring an attention of their own, which has no such form: –.

| model | ${columns.map((column) => column.replace('-', ', ')).join(' | ')} |
|${' --- |'.repeat(columns.length + 1)}
${rows.join('\n')}

\`wav2vec2-stable\`, \`wavlm-stable\`: the large models' layer norm. \`wav2vec2-bare\`: no head. \`wav2vec2-adapter\`: a head with fewer rows than
the encoder has steps. \`hubert-mask\`, \`bert\`: graphs that take an attention mask, the first a classifier. \`whisper\`: encoder, decoder and
cross-attention, tokens given. The same with a merged decoder (an \`If\` with two branches), sdpa, opset 17: ${merged}.

Hugging Face's WavLM hands out the mean over heads in the place of every head; here every head is compared with its own.

Weights in half precision, 8 and 4 bits: decisions/0010-variants.md and \`otoscope models import\`, which tries a model's taps on a sound.
`
const path = fileURLToPath(new URL('../docs/families.md', import.meta.url))
const style = (await prettier.resolveConfig(path)) ?? {}
writeFileSync(path, await prettier.format(page, { ...style, parser: 'markdown' }))
process.exitCode = [...cells.values()].every(({ passed }) => passed) ? 0 : 1
