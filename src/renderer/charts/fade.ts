const milliseconds = 120

/** Lays a copy of the picture in `box` over it and fades the copy out, so that what is drawn next appears without a flash. */
export const fadeFrom = (box: HTMLElement): void => {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const picture = box.querySelector<HTMLCanvasElement>('canvas:not([data-ghost])')
  if (!picture || picture.width === 0) return
  for (const old of box.querySelectorAll('canvas[data-ghost]')) old.remove()
  const ghost = document.createElement('canvas')
  ghost.dataset.ghost = ''
  ghost.width = picture.width
  ghost.height = picture.height
  ghost.getContext('2d')?.drawImage(picture, 0, 0)
  Object.assign(ghost.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', pointerEvents: 'none' })
  box.append(ghost)
  const fade = ghost.animate([{ opacity: 1 }, { opacity: 0 }], { duration: milliseconds, fill: 'forwards' })
  fade.onfinish = () => ghost.remove()
  fade.oncancel = () => ghost.remove()
}
