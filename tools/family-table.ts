/**
 * `node tools/family-table.ts FOLDER`: the tables of docs/families.md. FOLDER is what `make-goldens.py --all --out FOLDER` wrote: every small
 * model in every form of attention, opset and precision, and what PyTorch's eager attention gives. Ends with 1 where a float32 cell is
 * beyond the tolerance.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { variants, type Variant } from '../src/contract/model.ts'
import { RunOptions } from '../src/contract/run.ts'
import { openArrayFile } from '../src/engine/export/array-file.ts'
import { exportRun } from '../src/engine/export/tensors.ts'
import { createEngine } from '../src/engine/index.ts'
import { largestError, loadJson, loadTensors, type LoadedTensor, type Numbers } from '../tests/golden/load.ts'
import { partOf } from '../tests/golden/parts.ts'

interface Manifest {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<
    string,
    { runs: Record<string, string[]>; arrays: Record<string, Record<string, { largest: number }>> }
  >
}
type Entry = Manifest['models'][number]

/** Largest difference of hidden states and of attention, the first also as a share of their largest magnitude; or why there is none. */
type Cell = { hidden: number; share: number; attention: number; passed: boolean } | { reason: string }

const folder = resolve(process.argv[2] ?? '')
const manifest = loadJson<Manifest>(join(folder, 'goldens.json'))
const goldens = loadTensors(join(folder, 'goldens.safetensors'))
const small = manifest.models.filter(({ folder: place }) => !place.startsWith('resources/'))
const work = mkdtempSync(join(tmpdir(), 'otoscope-families-'))
const engine = await createEngine({ cacheFolder: work, threads: 1, host: 'a script' })
const { engine: client, host } = engine.client

const numbers = ({ data }: LoadedTensor): Numbers =>
  data instanceof Float32Array ? data : Array.from(data as BigInt64Array, Number)

/** Everything a run of the model gives. Tokens are given where it writes: what it would write is not what is compared. */
const arraysOf = async (model: string, { golden, region }: Entry): Promise<Map<string, LoadedTensor>> => {
  const card = await host['models.open']({ model })
  const { id: recording } = await host['files.open']({ path: join(folder, 'clip.wav') })
  const tokens = manifest.goldens[golden]!.runs['forced']?.[1]?.split(',').map(Number)
  const [start = 0, end = 0] = region.split(':').map(Number)
  const run = await client['runs.start']({
    recording,
    region: [start, end],
    model: card.id,
    options: RunOptions.parse({ tokens }),
    device: 'cpu',
  })
  const out = join(work, 'out.safetensors')
  const file = openArrayFile(out)
  await exportRun(engine.arraySource(card.id), run, file, { taps: run.taps.map(({ tap }) => tap) })
  file.commit()
  return loadTensors(out)
}

const compare = (actual: Map<string, LoadedTensor>, golden: string): Cell => {
  const { runs, arrays } = manifest.goldens[golden]!
  const cell = { hidden: 0, share: 0, attention: 0, passed: true }
  for (const from of ['encoder', ...('forced' in runs ? ['forced'] : [])])
    for (const [name, { largest }] of Object.entries(arrays[from] ?? {})) {
      const kind = /\.(hidden|attention)\./.exec(name)?.[1] as 'hidden' | 'attention' | undefined
      if (!kind) continue
      for (const [key, value] of goldens) {
        if (!key.startsWith(`${golden}/${from}/${name}#`)) continue
        const error = largestError(partOf(actual.get(name)!, key.split('#')[1]!), numbers(value))
        cell[kind] = Math.max(cell[kind], error)
        if (kind === 'hidden') cell.share = Math.max(cell.share, error / largest)
        cell.passed &&= error <= Math.max(1e-4, 1e-5 * largest)
      }
    }
  return cell
}

const cellOf = async (entry: Entry, variant?: Variant): Promise<Cell> => {
  const place = resolve(fileURLToPath(new URL('..', import.meta.url)), entry.folder)
  console.error(basename(place), variant ?? '')
  try {
    return compare(await arraysOf(variant ? `${place}:${variant}` : place, entry), entry.golden)
  } catch (error) {
    return { reason: (error as Error).message }
  }
}

/** Reasons in the order they came up; a cell without numbers names its own. */
const reasons: string[] = []
const because = (reason: string): string => {
  const known = reasons.indexOf(reason)
  return `(${known < 0 ? reasons.push(reason) : known + 1})`
}
const text = (value: number): string => value.toExponential(0)

const names = [...new Set(small.map(({ golden }) => golden))]
const entryOf = (name: string, column: string): Entry | undefined =>
  small.find(({ folder: place }) => basename(place) === `${name}-${column}`)

let passed = true
const formCell = async (name: string, column: string): Promise<string> => {
  const entry = entryOf(name, column)
  if (!entry)
    return because(
      column.startsWith('bmm')
        ? 'its attention is the family’s own and was never written as a batched product'
        : 'not made: torch.export is tried on what has logits and takes a waveform or frames, alone',
    )
  const cell = await cellOf(entry)
  if ('reason' in cell) return because(cell.reason)
  passed &&= cell.passed
  return `${text(cell.hidden)} · ${text(cell.attention)}${cell.passed ? '' : ' **beyond**'}`
}

const precisionCell = async (name: string, variant: Variant): Promise<string> => {
  const entry = entryOf(name, 'sdpa-17')!
  const cell = await cellOf(entry, variant)
  if ('reason' in cell) return because(cell.reason)
  return `${text(cell.share)} · ${text(cell.attention)}`
}

const table = async <T extends string>(columns: readonly T[], cell: (name: string, column: T) => Promise<string>) => {
  const rows: string[] = []
  for (const name of names) {
    const cells: string[] = []
    for (const column of columns) cells.push(await cell(name, column))
    rows.push(`| ${name} | ${cells.join(' | ')} |`)
  }
  const titles = columns.map((column) => column.replace('-', ', '))
  return [`| model | ${titles.join(' | ')} |`, `|${' --- |'.repeat(columns.length + 1)}`, ...rows].join('\n')
}

const forms = ['sdpa-14', 'sdpa-17', 'eager-14', 'eager-17', 'bmm-14', 'bmm-17', 'dynamo-18', 'dynamo-23'] as const
const exact = await table(forms, formCell)
const merged = [await formCell('whisper', 'merged-17'), await formCell('moonshine', 'merged-14')]
const fused: string[] = []
for (const name of ['whisper', 'wav2vec2', 'ast']) fused.push(await formCell(name, 'fused-17'))
const precisions = await table(
  variants.filter((variant) => variant !== 'fp32'),
  precisionCell,
)
await engine.close()
rmSync(work, { recursive: true })

const page = `# Families

Every family Otoscope opens, in every form its attention is exported in, against PyTorch's eager attention on a small model with random
weights: the largest difference of a hidden state · of an attention weight, over all layers and heads. Allowed are 1e-4, or 1e-5 of the
tensor's largest magnitude; a cell beyond that says so. Written by \`node tools/family-table.ts\` from what \`make-goldens.py --all\` wrote.

Columns are transformers' form of attention and the opset of the export: \`sdpa\` is Optimum's default, \`bmm\` what exports before
transformers 4.48 have, \`dynamo\` what torch.export makes; opset 23 has attention as one operator.

${exact}

\`wav2vec2-stable\`, \`wavlm-stable\`: the large models' layer norm. \`wav2vec2-bare\`: no head. \`wav2vec2-adapter\`, \`bert-adapter\`: a head with fewer rows than
the encoder has steps. \`hubert-mask\`, \`bert\`: graphs that take an attention mask, the first a classifier. \`whisper\`, \`whisper-turbo\`
(128 bands, fewer layers that write: large-v3-turbo, Distil-Whisper), \`moonshine\`: encoder, decoder and cross-attention, tokens given; with
a merged decoder (an \`If\` with two branches) the first has ${merged[0]}, the last ${merged[1]}. Graphs in which onnxruntime's
optimiser fused attention and norms (com.microsoft's Attention, MultiHeadAttention, SkipLayerNormalization): whisper ${fused[0]}, wav2vec2 ${fused[1]},
ast ${fused[2]}. \`ast-commands\`: a window of 1.28 s, one label of ten.

Hugging Face's WavLM hands out the mean over heads in the place of every head; here every head is compared with its own.

## In other precisions

The same models with weights as transformers.js' script makes them (opset 17, sdpa), against PyTorch in float32: what quantising costs,
not what Otoscope adds (its hidden states and attention equal onnxruntime's own on the same graph: tests/engine/models/variant-golden.test.ts).
The largest difference of a hidden state as a share of its tensor's largest magnitude · of an attention weight. Models of 16 numbers a
step with random weights lose more than real ones.

${precisions}

${reasons.map((reason, i) => `(${i + 1}) ${reason}`).join('  \n')}
`
const path = fileURLToPath(new URL('../docs/families.md', import.meta.url))
const style = (await prettier.resolveConfig(path)) ?? {}
writeFileSync(path, await prettier.format(page, { ...style, parser: 'markdown' }))
process.exitCode = passed ? 0 : 1
