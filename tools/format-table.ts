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

const rows: string[] = []
for (const format of formats) rows.push(await rowOf(format))
rmSync(folder, { recursive: true })
const ffmpeg = await findFfmpeg()

const page = `# Formats

Fourteen seconds of faint noise with four clicks of one sample each, written by ${'version' in ffmpeg ? `ffmpeg ${ffmpeg.version}` : 'ffmpeg'} in every format
and read as a recording: its rate, by how many frames (samples per channel) it is longer than what was written, by how many frames each click comes late, and the third
click once more where only a region around it is read, which is sought (or, where a seek gives other samples, read from the beginning). In lossless formats a click also has its height to within a step of the
format. Written by \`node tools/format-table.ts\`; tests/engine/audio/formats.test.ts holds every build to it.

What a lossy encoder puts before the sound is left out where the file says how much that is (MP3 with a LAME tag, AAC in MP4, Vorbis, Opus). Where it does not,
the sound is late by that much in every program, and so it is here.

| format | name | rate | longer | clicks late | in a region | why |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

A file is opened by what is in it, whatever its name. Also opened, where ffmpeg is: AMR, APE, MPEG transport and program streams. WAV, FLAC, MP3, Ogg Vorbis and Opus open without
ffmpeg too.
`
const path = fileURLToPath(new URL('../docs/formats.md', import.meta.url))
const style = (await prettier.resolveConfig(path)) ?? {}
writeFileSync(path, await prettier.format(page, { ...style, parser: 'markdown' }))
process.exitCode = passed ? 0 : 1
