/**
 * Drivers and libraries print past Node, straight to file descriptor 2. A pipe to the engine does not block, so what is printed
 * while the engine is slow to read would be dropped: the name of a device among it. Node has no public switch for this.
 */
export const keepWhatDriversPrint = (): void => {
  const { _handle } = process.stderr as unknown as { _handle?: { setBlocking?(blocking: boolean): number } }
  _handle?.setBlocking?.(true)
}
