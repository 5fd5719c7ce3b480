import { EngineError, fromWire, type WireError } from '../contract/errors.ts'
import type { RawFormat } from '../contract/raw-format.ts'
import type { Recording } from '../contract/recording.ts'
import { reactive } from 'vue'
import { engine } from './engine.ts'
import { columnOfNext } from './openings.ts'
import { useLibrary } from './stores/library.ts'
import { useNotices } from './stores/notices.ts'
import { useWorkspace } from './stores/workspace.ts'

/** Opening recordings: the system's dialog or dropped files where there is a shell, uploads in a browser. */

export const uploads = reactive<{ name: string; share: number }[]>([])

export const openWithDialog = async (chooseFiles: () => void): Promise<void> => {
  if (!window.shell) return chooseFiles()
  await attempt(async () => show(await window.shell!.openDialog()))
}

export const openFiles = async (files: File[]): Promise<void> => {
  if (files.length === 0) return
  if (window.shell) return attempt(async () => show(await window.shell!.openDropped(files)))
  for (const file of files) await attempt(async () => show([await upload(file)]))
}

/** Opens what the file of a recording holds now; it takes the recording's column, which stays open with its results. */
export const reopen = (recording: string, column: number): Promise<void> =>
  attempt(async () => {
    useWorkspace().active = column
    await show([await engine['recordings.reopen']({ recording })])
  })

/** Opens a file that waited to be told how it is read. */
export const openRaw = (file: number, format: RawFormat): Promise<void> =>
  attempt(async () => show([await engine['raw.open']({ file, format })]))

const attempt = async (open: () => Promise<void>): Promise<void> => {
  try {
    await open()
  } catch (error) {
    // one without a header waits, and is asked about (raw/RawDialog.vue)
    const waits = error instanceof EngineError && error.detail['rawFile']
    if (!waits) useNotices().fail(error)
  }
}

/** New recordings go to empty columns first, then from the active column on. */
const show = async (recordings: Recording[]): Promise<void> => {
  const library = useLibrary()
  const workspace = useWorkspace()
  await library.loadRecordings()
  for (const recording of recordings) {
    workspace.giveRegion(recording)
    if (!workspace.columns.includes(recording.id)) workspace.assign(recording.id, columnOfNext())
    workspace.active = (workspace.active + 1) % workspace.columns.length
    for (const warning of recording.warnings) useNotices().say('warning', `${recording.name}: ${warning}`)
  }
  workspace.settle()
}

const upload = (file: File): Promise<Recording> =>
  new Promise((resolve, reject) => {
    uploads.push({ name: file.name, share: 0 })
    const entry = uploads.at(-1)!
    const request = new XMLHttpRequest()
    const settle = (): void => void uploads.splice(uploads.indexOf(entry), 1)
    request.upload.onprogress = (event) => (entry.share = event.loaded / Math.max(1, event.total))
    request.onload = () => {
      settle()
      const answer = request.response as Recording | { error: WireError } | null
      if (request.status === 200 && answer) {
        if ('error' in answer) reject(fromWire(answer.error))
        else resolve(answer)
      } else reject(new Error(`${file.name} was not accepted (status ${request.status})`))
    }
    request.onerror = () => {
      settle()
      reject(new Error(`${file.name} could not be sent to the engine; is Otoscope still running?`))
    }
    request.responseType = 'json'
    request.open('POST', `recordings?name=${encodeURIComponent(file.name)}`)
    request.send(file)
  })
