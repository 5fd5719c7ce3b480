/** Frames [start, end) of a sequence of blocks; stops asking for blocks as soon as it has the last one. */
export async function* trimBlocks(
  blocks: AsyncIterable<Float32Array[]>,
  start: number,
  end: number,
): AsyncGenerator<Float32Array[]> {
  let position = 0
  if (start >= end) return
  for await (const block of blocks) {
    const frames = block[0]?.length ?? 0
    const first = Math.max(0, start - position)
    const last = Math.min(frames, end - position)
    if (first === 0 && last === frames) yield block
    else if (first < last) yield block.map((samples) => samples.slice(first, last))
    position += frames
    if (position >= end) return
  }
}
