import type { OnnxNode } from './graph.ts'

/**
 * The nodes in the order they run, otherwise as they came: the format asks for it, but converters to half precision append their
 * casts and runtimes sort. Throws an Error where nodes need one another in a circle.
 */
export const inOrder = (nodes: OnnxNode[], producers: ReadonlyMap<string, OnnxNode>): OnnxNode[] => {
  const ordered = new Set<OnnxNode>()
  const open = new Set<OnnxNode>()
  for (const first of nodes) {
    const stack = [first]
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const needed = missing(node, producers, ordered)
      if (needed.length === 0) {
        ordered.add(node)
        stack.pop()
      } else if (open.has(node)) {
        throw new Error(`its node ${node.name || node.opType} needs its own result`)
      } else {
        open.add(node)
        stack.push(...needed)
      }
    }
  }
  return [...ordered]
}

/** Makers of the node's inputs that are not placed yet, the first of them last. */
const missing = (node: OnnxNode, producers: ReadonlyMap<string, OnnxNode>, ordered: Set<OnnxNode>): OnnxNode[] =>
  node.inputs
    .flatMap((input) => producers.get(input) ?? [])
    .filter((maker) => !ordered.has(maker))
    .reverse()
