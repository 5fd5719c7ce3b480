import type { PullProgress } from '../../../contract/hub.ts'
import type { DownloadProgress } from '../../net/download.ts'
import { createRate } from '../../net/rate.ts'

/** One progress over many files. The rate counts what comes over the network, not what was here. */
export interface PullMeter {
  /** `here`: it is there, and only verified */
  begin(file: string, here: boolean): void
  part(progress: DownloadProgress): void
  /** the file is here, all its bytes */
  end(bytes: number): void
}

export const createPullMeter = (total: number, part: (progress: PullProgress) => void): PullMeter => {
  const rate = createRate()
  let [file, done, notDownloaded] = ['', 0, 0]
  let downloading = false
  return {
    begin: (name, here) => {
      file = name
      downloading = false
      const stage = here ? 'verify' : 'download'
      part({ stage, file, bytes: done, total, bytesPerSecond: null, secondsLeft: null, message: '' })
    },
    part: ({ stage, bytes, message }) => {
      if (stage === 'download' && !downloading) {
        downloading = true
        notDownloaded += bytes // what an earlier download left
      }
      const here = done + bytes
      const speed =
        stage === 'download'
          ? rate(here - notDownloaded, total - notDownloaded)
          : { bytesPerSecond: null, secondsLeft: null }
      part({ stage, file, bytes: here, total, ...speed, message })
    },
    end: (bytes) => {
      done += bytes
      if (!downloading) notDownloaded += bytes
    },
  }
}
