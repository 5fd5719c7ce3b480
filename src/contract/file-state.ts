/** What became of the file of an open recording. */
export interface FileState {
  recording: string
  /** `here` also where it was moved and found again; `changed`: other bytes are there now; `gone`: nothing is */
  state: 'here' | 'changed' | 'gone'
  /** one sentence; empty where it is here */
  message: string
}
