import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readClip } from '../../src/engine/audio/clip.ts'
import { openRecording } from '../../src/engine/audio/open.ts'
import { createSounds } from '../../src/engine/audio/sounds.ts'
import { defaultStft } from '../../src/signal/stft.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { ffmpegPath } from '../support/needs.ts'
import { printTable, times } from './measure.ts'
import { inFolder, noise } from './material.ts'

/** Clips and spectrograms against ffmpeg doing the same to the same sound (a spectrogram: decoding it). */
const run = promisify(execFile)
const seconds = 10
const rounds = 5

await inFolder(async (folder) => {
  const wav = join(folder, 'noise.wav')
  const rate = 44100
  writeFileSync(wav, writeWav({ rate, channels: [noise(rate * seconds), noise(rate * seconds)] }, 'f32'))
  const { recording } = await openRecording(wav)
  const ffmpeg = (...words: string[]) => run(ffmpegPath, ['-v', 'error', '-nostdin', '-y', '-i', wav, ...words])
  const clip = await times(
    () => readClip(wav, recording, [0, seconds], 16000),
    () => ffmpeg('-ac', '1', '-ar', '16000', '-f', 'f32le', join(folder, 'clip.raw')),
    rounds,
  )
  const spectrogram = await times(
    async () => {
      // sounds keep what they decoded: others each time
      const sounds = createSounds()
      const { id } = await sounds.open(wav)
      return sounds.spectrograms.map({
        recording: id,
        range: [0, seconds],
        width: 1600,
        height: 400,
        stft: defaultStft,
      })
    },
    () => ffmpeg('-f', 'f32le', join(folder, 'sound.raw')),
    rounds,
  )
  printTable([
    { what: `${seconds} s of stereo read, mixed, 44.1 → 16 kHz`, against: 'ffmpeg', ...clip },
    {
      what: `${seconds} s of stereo opened, spectrogram 1600 × 400`,
      against: 'ffmpeg, decoding alone',
      ...spectrogram,
    },
  ])
})
