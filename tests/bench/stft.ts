/**
 * `node tests/bench/stft.ts`: power of every bin of every frame of 300 s of noise (1024/256 Hann, float32), against `librosa.stft` of
 * the same in a Python child that stays (OTOSCOPE_PYTHON names the Python; left out where it has no librosa).
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createStft, defaultStft, fillFrame, stftBins, stftFrames } from '../../src/signal/stft.ts'
import { pythonPath } from '../support/needs.ts'
import { inTurn, milliseconds, printTable, type Row } from './measure.ts'
import { noise } from './material.ts'

const [seconds, rounds] = [300, 7]
const { size, hop } = defaultStft

/** Answers a number of samples with the milliseconds their transform took. */
const script = `
import sys, time
try:
    import librosa, numpy
except ImportError:
    sys.exit(3)
sounds = {}
print("ready", librosa.__version__, flush=True)
for line in sys.stdin:
    count = int(line)
    if count not in sounds:
        sounds[count] = numpy.random.default_rng(1).uniform(-1, 1, count).astype(numpy.float32)
    began = time.perf_counter()
    librosa.stft(sounds[count], n_fft=${size}, hop_length=${hop}, window="hann", pad_mode="constant")
    print((time.perf_counter() - began) * 1000, flush=True)
`
const child = spawn(pythonPath, ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
const ready = await lines.next()
if (ready.done) {
  console.log('not measured: no librosa in python3 or OTOSCOPE_PYTHON')
  process.exit(0)
}
const librosa = async (samples: number): Promise<number> => {
  child.stdin.write(`${samples}\n`)
  return Number((await lines.next()).value)
}

const ours = (samples: Float32Array, out: Float32Array): void => {
  const four = createStft(defaultStft)
  const [frames, bins] = [stftFrames(samples.length, hop), stftBins(size)]
  for (let frame = 0; frame < frames; frame += 4) {
    for (const [i, into] of four.frames.entries()) fillFrame(into, samples, (frame + i) * hop - size / 2)
    four.run()
    for (const [i, power] of four.powers.slice(0, frames - frame).entries()) out.set(power, (frame + i) * bins)
  }
}

const rows: Row[] = []
for (const rate of [16_000, 48_000]) {
  const samples = noise(rate * seconds)
  const out = new Float32Array(stftFrames(samples.length, hop) * stftBins(size))
  rows.push({
    what: `STFT of ${seconds} s of mono at ${rate / 1000} kHz`,
    against: String(ready.value).replace('ready ', 'librosa '),
    ...(await inTurn(
      () => milliseconds(() => ours(samples, out)),
      () => librosa(samples.length),
      rounds,
    )),
  })
}
printTable(rows)
child.stdin.end()
