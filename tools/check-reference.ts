/**
 * `node tools/check-reference.ts FOLDER`: run the command line on reference models and print the largest difference from
 * their goldens. FOLDER holds `clip.wav` (5 s) and, per architecture, a model folder with `golden/` in it (features.npy,
 * golden.json, golden.safetensors, as PyTorch's eager attention gave them). Ends with 1 beyond the tolerance.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Inspection } from '../src/contract/model.ts'
import { readNpy } from '../src/formats/npy.ts'
import { exportedArrays, otoscope } from '../tests/golden/command.ts'
import { integers, largestError, loadJson, loadTensors, type LoadedTensor, type Numbers } from '../tests/golden/load.ts'
import { maxOverKeys, meanEntropy, meanOverQueries, window } from '../tests/golden/parts.ts'

interface Finding {
  array: string
  error: number
  allowed: number
}
type Arrays = Map<string, LoadedTensor>

/** The stretch of queries and keys that goldens keep of big maps. */
const corner = 200

const largest = (values: Numbers): number => {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most
}

const compare = (array: string, actual: Numbers, expected: Numbers): Finding => {
  const allowed = array === 'features' ? 5e-4 : Math.max(1e-4, 1e-5 * largest(expected))
  return { array, allowed, error: actual.length === expected.length ? largestError(actual, expected) : Infinity }
}

const numbers = ({ data }: LoadedTensor): Numbers => (data instanceof Float32Array ? data : Array.from(data, Number))

/** `[layer, …]`: the part of one layer. */
const layerOf = (stack: LoadedTensor, layer: number): Float32Array => {
  const size = stack.data.length / stack.shape[0]!
  return (stack.data as Float32Array).subarray(layer * size, (layer + 1) * size)
}

const taken = (arrays: Arrays, name: string): LoadedTensor => {
  const array = arrays.get(name)
  if (!array) throw new Error(`the export lacks ${name}`)
  return array
}

/** Arrays that the golden keeps whole, golden's name → ours; `prefix` is the golden's for this run. */
const wholeArrays = (golden: Arrays, prefix: string, side: string): [string, string][] =>
  [...golden.keys()].flatMap((key): [string, string][] => {
    if (!key.startsWith(prefix)) return []
    const name = key.slice(prefix.length)
    const hidden = /^hidden_states\.(\d+)$/.exec(name)
    return hidden ? [[key, `${side}.hidden.${hidden[1]}`]] : name === 'logits' ? [[key, 'logits']] : []
  })

const checkWhole = (golden: Arrays, actual: Arrays, prefix: string, side: string): Finding[] =>
  wholeArrays(golden, prefix, side)
    .filter(([, name]) => name !== 'logits' || actual.has(name))
    .map(([key, name]) => compare(name, numbers(taken(actual, name)), numbers(taken(golden, key))))

/** One layer of encoder attention against everything the golden keeps of it. */
const checkAttention = (golden: Arrays, prefix: string, layer: number, map: LoadedTensor): Finding[] => {
  const name = `encoder.attention.${layer}`
  const of = (part: string): Float32Array => layerOf(taken(golden, `${prefix}.${part}`), layer)
  const heads = map.shape[0]!
  const corners = Array.from({ length: heads }, (_, head) => window(map, corner, [head]))
  const mean = corners[0]!.map((_, i) => corners.reduce((sum, one) => sum + one[i]!, 0) / heads)
  const found = [
    compare(name, meanOverQueries(map), of('colmean')),
    compare(name, maxOverKeys(map), of('rowmax')),
    compare(name, meanEntropy(map), of('entropy')),
    compare(name, mean, of('headmean.window')),
  ]
  corners.forEach((values, head) => {
    const kept = golden.get(`${prefix}.layer${layer}.head${head}.window`)
    if (kept) found.push(compare(name, values, numbers(kept)))
  })
  return found
}

const checkDecoder = (golden: Arrays, actual: Arrays, prefix: string): Finding[] => {
  const found = checkWhole(golden, actual, prefix, 'decoder')
  for (const [part, tap] of [
    ['self_attentions', 'decoder.attention'],
    ['cross_attentions', 'cross.attention'],
  ] as const) {
    const stack = taken(golden, prefix + part)
    for (let layer = 0; layer < stack.shape[0]!; layer++)
      found.push(compare(tap, numbers(taken(actual, `${tap}.${layer}`)), layerOf(stack, layer)))
  }
  return found
}

/** A model folder for one export of an architecture: its configs beside a link to that export's graphs. */
const stageModel = (source: string, graphs: string, target: string): void => {
  cpSync(source, target, { recursive: true, filter: (path) => path === source || /\.(json|txt)$/.test(path) })
  symlinkSync(resolve(source, graphs), join(target, 'onnx'))
}

interface Check {
  source: string
  model: string
  clip: string
  cache: string
}

const checkEncoder = async ({ source, model, clip, cache }: Check, layers: number): Promise<Finding[]> => {
  const golden = loadTensors(join(source, 'golden', 'golden.safetensors'))
  const whisper = golden.has('encoder.hidden_states.0')
  const prefix = whisper ? 'encoder.' : ''
  const options = [
    '--cache',
    cache,
    ...(whisper ? ['--tokens', integers(golden, 'decoder.forced.input_ids').join()] : []),
  ]
  const taps = whisper ? 'features,encoder.hidden.*' : 'features,encoder.hidden.*,logits,tokens'
  const actual = await exportedArrays(clip, model, ...options, '--taps', taps)
  const features = readNpy(new Uint8Array(readFileSync(join(source, 'golden', 'features.npy'))))
  const found = [compare('features', numbers(taken(actual, 'features')), features.data as Float32Array)]
  found.push(...checkWhole(golden, actual, prefix, 'encoder'))
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.attention.${layer}`
    const map = taken(await exportedArrays(clip, model, ...options, '--taps', name), name)
    found.push(...checkAttention(golden, `${prefix}attentions`, layer, map))
  }
  return found
}

/** Forced tokens, then what generation in English finds. */
const checkTokens = async ({ source, model, clip, cache }: Check): Promise<Finding[]> => {
  const golden = loadTensors(join(source, 'golden', 'golden.safetensors'))
  const taps = ['--cache', cache, '--taps', 'tokens,logits,decoder.*,cross.*']
  const found: Finding[] = []
  for (const run of ['forced', 'greedy']) {
    const ids = integers(golden, `decoder.${run}.input_ids`)
    const actual = await exportedArrays(clip, model, ...taps, '--tokens', ids.join())
    found.push(compare('tokens', numbers(taken(actual, 'tokens')), ids))
    found.push(...checkDecoder(golden, actual, `decoder.${run}.`))
  }
  const { hf_generate: generated } = loadJson<{ hf_generate: { sequences: number[] } }>(
    join(source, 'golden', 'golden.json'),
  )
  const limit = ['--max-tokens', '12', '--language', 'en']
  const actual = await exportedArrays(clip, model, '--cache', cache, '--taps', 'tokens', ...limit)
  found.push(compare('tokens', numbers(taken(actual, 'tokens')), generated.sequences))
  return found
}

/** The worst finding of every kind of array: layers and runs are merged. */
const worstByKind = (found: Finding[]): Map<string, Finding> => {
  const worst = new Map<string, Finding>()
  for (const finding of found) {
    const kind = finding.array.replace(/\.\d+$/, '')
    const before = worst.get(kind)
    if (!before || finding.error / finding.allowed > before.error / before.allowed) worst.set(kind, finding)
  }
  return worst
}

const report = (title: string, found: Finding[]): boolean => {
  for (const [kind, { array, error, allowed }] of worstByKind(found)) {
    const verdict = error <= allowed ? 'ok' : 'TOO FAR'
    const columns = [
      title.padEnd(46),
      kind.padEnd(18),
      error.toExponential(1),
      allowed.toExponential(1),
      verdict,
      array,
    ]
    console.log(columns.join('  '))
  }
  return found.every(({ error, allowed }) => error <= allowed)
}

/** Prints the architecture; whether its parameters are PyTorch's (less what no graph holds: mask embedding, weight norm). */
const checkCounts = (title: string, card: Inspection, torch: number | undefined): boolean => {
  const { parameters: p, encoder } = card
  const millions = [p.total, p.encoder, p.decoder, p.head].map((count) => (count / 1e6).toFixed(2)).join(' / ')
  console.log(
    `${title}: ${card.type}, ${encoder.layers} × ${encoder.heads} × ${encoder.width}, ${millions} M parameters`,
  )
  if (torch === undefined || card.type === 'encoder' || Math.abs(p.total - torch) <= 0.002 * torch) return true
  console.log(`${title}: PyTorch has ${torch} parameters, inspect counts ${p.total}: TOO FAR`)
  return false
}

const checkFolder = async (folder: string): Promise<boolean> => {
  const work = mkdtempSync(join(tmpdir(), 'otoscope-reference-'))
  const summary = loadJson<Record<string, { params: number }>>(join(folder, 'summary.json'))
  let good = true
  try {
    for (const architecture of Object.keys(summary)) {
      const source = join(folder, architecture)
      for (const graphs of readdirSync(source).filter((name) => name.startsWith('onnx'))) {
        const title = `${architecture}/${graphs}`
        const check = {
          source,
          model: join(work, `${architecture}-${graphs}`),
          clip: join(folder, 'clip.wav'),
          cache: join(work, 'cache'),
        }
        stageModel(source, graphs, check.model)
        const card = JSON.parse(await otoscope('inspect', check.model, '--json')) as Inspection
        good = checkCounts(title, card, summary[architecture]?.params) && good
        const found = await checkEncoder(check, card.encoder.layers)
        if (card.decoder) found.push(...(await checkTokens(check)))
        good = report(title, found) && good
        rmSync(check.cache, { recursive: true, force: true })
      }
    }
  } finally {
    rmSync(work, { recursive: true })
  }
  return good
}

const folder = process.argv[2]
if (!folder || !existsSync(join(folder, 'summary.json'))) {
  console.error(
    'usage: node tools/check-reference.ts FOLDER (one with clip.wav, summary.json and a folder per architecture)',
  )
  process.exitCode = 2
} else {
  process.exitCode = (await checkFolder(folder)) ? 0 : 1
}
