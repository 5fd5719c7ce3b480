/**
 * `node tools/format-table.ts`: docs/formats.md, with what the ffmpeg of this machine writes and Otoscope reads. Ends with 1 where a click is
 * not read where it was written.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { findFfmpeg } from '../src/engine/audio/ffmpeg.ts'
import { handMade, tryHandMade, type HandMade } from '../tests/support/amr.ts'
import { faults, formats, tryFormat, type Format } from '../tests/support/formats.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-formats-'))
const signed = (frames: number): string => (frames > 0 ? `+${frames}` : String(frames).replace('-', '−'))
let passed = true

const rowOf = async (format: Format): Promise<string> => {
  const found = await tryFormat(format, folder)
  const name = `${format.name} | .${format.extension}`
  if ('reason' in found) return `| ${name} | not written: ${found.reason} | | | |`
  const wrong = faults(format, found)
  passed &&= wrong.length === 0
  const same = found.offsets.every((frames) => frames === found.offsets[0])
  const offsets = same ? signed(found.offsets[0]!) : found.offsets.map(signed).join(', ')
  const note = [...(format.delay ? [format.delay[1]] : []), ...wrong.map((text) => `**${text}**`)].join('; ')
  return `| ${name} | ${found.rate} Hz | ${signed(found.longer)} | ${offsets} | ${signed(found.regionOffset)} | ${note} |`
}

/** Of what is not written by ffmpeg but by hand there is no click. */
const handMadeRow = async (kind: HandMade): Promise<string> => {
  const { rate, longer, regionDiffers } = await tryHandMade(kind, folder)
  passed &&= rate === kind.rate && longer === 0 && regionDiffers === 0
  const region = regionDiffers === 0 ? 'the same samples' : `**${regionDiffers} other samples**`
  return `| ${kind.name} | .${kind.extension} | ${rate} Hz | ${signed(longer)} | not checked | ${region} | frames made by hand: this ffmpeg cannot write it |`
}

const rows: string[] = []
for (const format of formats) rows.push(await rowOf(format))
for (const kind of handMade) rows.push(await handMadeRow(kind))
rmSync(folder, { recursive: true })
const ffmpeg = await findFfmpeg()

const page = `# Formats

Fourteen seconds of faint noise with four clicks of one sample each, written by ${'version' in ffmpeg ? `ffmpeg ${ffmpeg.version}` : 'ffmpeg'} in every format
and read as a recording: its rate, by how many frames (samples per channel) it is longer than what was written, by how many frames each click comes late, and the third
click once more where only a region around it is read, which is sought (or, where a seek gives other samples, read from the beginning). In lossless formats a click also has its height to within a step of the
format. Written by \`node tools/format-table.ts\`; tests/engine/audio/formats.test.ts and amr.test.ts hold every build to it.

What a lossy encoder puts before the sound is left out where the file says how much that is (MP3 with a LAME tag, AAC in MP4, Vorbis, Opus). Where it does not,
the sound is late by that much in every program, and so it is here.

AMR is read from frames of 20 ms that were made by hand, with speech in all modes and pauses in which little is sent: where a click in it comes out is not checked, since
nothing here can encode one. ffmpeg does not make the faint noise of such pauses: they are silence, and what follows stays at its time. A last frame that is
cut off is left out, and so is a pause that ends the file.

| format | name | rate | longer | clicks late | in a region | why |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

A file is opened by what is in it, whatever its name. Also opened, where ffmpeg is: APE, MPEG transport and program streams. WAV, FLAC, MP3, Ogg Vorbis and Opus open without
ffmpeg too.

## Without a header

A file of bare samples (\`.raw\`, \`.pcm\`, \`.sw\`, \`.f32\`, \`.ulaw\`, \`.bin\` …, or any that ffmpeg does not know and that is not named as a format with a header) does not say how it is to be
read. The page asks: sample format, rate, channels and bytes to skip at the beginning, with the length that comes of it and the waveform of its first four
seconds, in which a wrong choice is seen. The first guess is made of the name and of the bytes in the middle. On the command line it is said by \`--raw\`:

\`\`\`
otoscope export take.raw --raw s16le:48000:2 --model whisper-tiny --out take.npz
otoscope report scan.bin --raw u8:8000:1:512 --out report        # 512 bytes are skipped
\`\`\`

Formats have ffmpeg's names, and ffmpeg reads them: \`s8\` and \`u8\`; \`s16\`, \`u16\`, \`s24\`, \`u24\`, \`s32\`, \`u32\`, \`s64\`, \`f32\` and \`f64\`, each with \`le\` or \`be\` behind it; \`mulaw\` and \`alaw\`. Every
frame is where it can be counted to be, and bytes at the end that make no whole one are left out. How a file was read is kept with the store under its hash: the page opens the same bytes in
the same way without asking. **Read in another way…** in the side bar asks again; another reading is another recording, with results of its own.
`
const path = fileURLToPath(new URL('../docs/formats.md', import.meta.url))
const style = (await prettier.resolveConfig(path)) ?? {}
writeFileSync(path, await prettier.format(page, { ...style, parser: 'markdown' }))
process.exitCode = passed ? 0 : 1
